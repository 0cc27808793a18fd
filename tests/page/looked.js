// What can be said of a page by looking at each of its parts: [rule, what is wrong].
() => {
  const wrong = [];
  const shown = (element) => element.getClientRects().length > 0 && !element.closest(".unseen") && getComputedStyle(element).visibility !== "hidden";
  const name = (element) => {
    const labelled = element.getAttribute("aria-labelledby");
    if (labelled) return document.getElementById(labelled)?.textContent ?? "";
    return element.getAttribute("aria-label") ?? (element.labels?.length ? element.labels[0].textContent : element.textContent);
  };
  const where = (element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class")} ${JSON.stringify(element.textContent.trim().slice(0, 40))}`;

  // Contrast, WCAG 2.2 AA
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const colours = new Map();
  const rgba = (colour) => {
    if (!colours.has(colour)) colours.set(colour, drawn(colour));
    return colours.get(colour);
  };
  const drawn = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const ground = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const colour = rgba(getComputedStyle(each).backgroundColor);
      if (colour[3]) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const contrast = (element, least) => {
    const behind = ground(element);
    const found = ratio(over(rgba(getComputedStyle(element).color), behind), behind);
    if (found < least) wrong.push(["contrast", `${found.toFixed(2)} < ${least}: ${where(element)}`]);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || !shown(element) || element.closest("option, .skip")) continue;
    const { fontSize, fontWeight } = getComputedStyle(element);
    const size = parseFloat(fontSize);
    contrast(element, size >= 24 || (size >= 18.66 && fontWeight >= 700) ? 3 : 4.5);
    if (size < 10.5) wrong.push(["too small", `${size}px: ${where(element)}`]);
  }
  for (const sign of document.querySelectorAll(".sign")) if (shown(sign)) contrast(sign, 3);

  // Names, headings, ids
  for (const element of document.querySelectorAll("a[href], button, input, select, [role=img], dialog[open]")) {
    if (!name(element).trim()) wrong.push(["no name", where(element)]);
  }
  for (const table of document.querySelectorAll("table")) if (!table.caption?.textContent) wrong.push(["no caption", where(table)]);
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) wrong.push(["heading skips", where(heading)]);
    level = own;
  }
  if (document.querySelectorAll("h1").length !== 1) wrong.push(["one h1", ""]);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size !== ids.length) wrong.push(["id twice", ids.join()]);
  if (!document.documentElement.lang) wrong.push(["no language", ""]);

  // Nothing is cut off, nothing lies on another thing
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(["scrolls sideways", document.documentElement.scrollWidth]);
  for (const element of document.querySelectorAll(".tile .inside")) {
    if (element.scrollHeight > element.clientHeight + 1) wrong.push(["tile is cut off", `${element.scrollHeight} > ${element.clientHeight}: ${where(element)}`]);
    if (element.scrollWidth > element.clientWidth + 1) wrong.push(["tile is cut off", `${element.scrollWidth} > ${element.clientWidth} wide: ${where(element)}`]);
  }
  for (const row of document.querySelectorAll(".tile .main, .tile .more, .tile .staff, .tile .top")) {
    const cells = [...row.children].map((cell) => [cell, [...cell.querySelectorAll("dt, .number"), cell].filter((part) => shown(part)).map((part) => part.getBoundingClientRect())]);
    cells.slice(1).forEach(([cell, boxes], i) => {
      const before = Math.max(...cells[i][1].map((box) => box.right));
      const scrolled = Math.max(...cells[i][1].map((box) => box.left)) + Math.max(0, ...[...cells[i][0].children].map((child) => child.scrollWidth));
      if (boxes.length && Math.max(before, scrolled) > Math.min(...boxes.map((box) => box.left)) + 1) wrong.push(["overlaps", where(cell)]);
    });
  }
  return wrong;
};
