"use strict";
{
  const form = document.querySelector(".filter");
  const rule = form.querySelector("select");
  const boxes = [...form.querySelectorAll("input")];
  const findings = [...document.querySelectorAll(".finding")];
  const devices = [...document.querySelectorAll(".device")];
  const shown = form.querySelector("output");

  const wanted = (one) =>
    boxes.some((box) => box.checked && box.value === one.dataset.severity) &&
    (!rule.value || one.dataset.rules.split(" ").includes(rule.value));

  const filter = () => {
    for (const one of findings) one.hidden = !wanted(one);
    for (const device of devices) device.hidden = !device.querySelector(".finding:not([hidden])");
    shown.textContent = `${findings.filter((one) => !one.hidden).length} of ${findings.length} shown`;
  };

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
}
