"""Whole streams as documents of BER, CBOR, msgpack or JSON: a row of items, each with a digest (docs/formats)."""
