"use strict";
// What is set: the form's controls, as two networks and as a link.
function settingOf(form) {
  const controls = form.elements;
  const NETWORK = ["depth", "width", "activation", "init", "batch_norm", "skip", "rate"], NAMES = [...NETWORK, "batch", "epochs", "seed", "but", "value"];
  const isBox = name => controls[name].type === "checkbox";
  const read = name => isBox(name) ? String(Number(controls[name].checked)) : controls[name].value;
  const typed = (name, text) => isBox(name) ? text === "1" : Number.isNaN(Number(text)) ? text : Number(text);
  const words = name => isBox(name) ? null : controls[name].selectedOptions[0].text;

  // The networks: one, or two that differ in one control.
  function pair() {
    const first = Object.fromEntries(NETWORK.map(name => [name, typed(name, read(name))])), {but, value} = controls;
    return but.value ? [first, {...first, [but.value]: typed(but.value, value.value)}] : [first];
  }

  // "A, 20 layers of 32 ReLU units with skips", "B, the same with He initialisation".
  function described() {
    const parts = [...(controls.batch_norm.checked ? ["batch normalisation"] : []), ...(controls.skip.checked ? ["skips"] : [])], {value: but} = controls.but;
    const first = `A, ${words("depth")} layers of ${words("width")} ${words("activation")} units${parts.length ? ` with ${listed(parts)}` : ""}`;
    if (!but) return [first];
    const other = words("value"), having = other === "on" ? "with" : "without";
    const differs = {batch_norm: `${having} batch normalisation`, skip: `${having} skips`, activation: `with ${other}`, init: `with ${other} initialisation`,
      depth: `with ${other} layers`, width: `with ${other} units a layer`, rate: `at a rate of ${other}`};
    return [first, `B, the same ${differs[but]}`];
  }

  // The values that network B may differ by: whatever network A has not.
  function offer() {
    const {but: {value: name}, value} = controls, kept = value.value;
    const options = !name ? [] : isBox(name) ? [new Option(controls[name].checked ? "off" : "on", Number(!controls[name].checked))]
      : [...controls[name].options].filter(({value}) => value !== read(name)).map(({text, value}) => new Option(text, value));
    value.replaceChildren(...options);
    value.disabled = !options.length;
    if (options.some(option => option.value === kept)) value.value = kept;
  }

  // Take the setting of a link. What no control can be set to becomes the nearest that one can; returns the words for that.
  function adopt(link) {
    const given = new URLSearchParams(link), notes = [];
    for (const name of NAMES.filter(name => given.has(name))) {
      if (name === "value") offer();
      const text = given.get(name), legal = isBox(name) ? ["0", "1"] : [...controls[name].options].map(({value}) => value);
      const taken = legal.includes(text) ? text : nearest(text, legal) ?? read(name);
      if (isBox(name)) controls[name].checked = taken === "1";
      else controls[name].value = taken;
      if (taken !== text) notes.push(`The link asks for “${name} = ${text.slice(0, 20)}”, which cannot be set; it is “${taken || "nothing"}” here.`);
    }
    return notes;
  }

  // The number nearest to the text, if these are numbers.
  function nearest(text, legal) {
    const away = legal.map(value => Math.abs(Number(value) - Number(text)));
    return text.trim() && !away.some(Number.isNaN) ? legal[away.indexOf(Math.min(...away))] : undefined;
  }

  const link = () => NAMES.map(name => `${name}=${read(name)}`).join("&");
  return {NAMES, pair, described, offer, adopt, link};
}
