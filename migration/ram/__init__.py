"""Guest memory as it goes by in a stream: by reference, never copied."""
