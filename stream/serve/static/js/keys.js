/** Arrows between tiles, as they lie on the screen. */

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

function below(tiles, from, down) {
  const here = tiles[from].getBoundingClientRect();
  const others = tiles
    .map((tile, i) => ({ i, at: tile.getBoundingClientRect() }))
    .filter(({ at }) => (down ? at.top >= here.bottom - 1 : at.bottom <= here.top + 1));
  const far = ({ at }) => Math.abs(at.top - here.top) * 10 + Math.abs(at.left - here.left);
  return others.sort((a, b) => far(a) - far(b))[0]?.i ?? from;
}

/** The index that a key leads to from another; the same one when it leads nowhere. */
function next(key, tiles, from) {
  if (key in STEPS) return Math.min(tiles.length - 1, Math.max(0, from + STEPS[key]));
  if (key === "Home") return 0;
  if (key === "End") return tiles.length - 1;
  if (key === "ArrowDown" || key === "ArrowUp") return below(tiles, from, key === "ArrowDown");
  return from;
}

export function move(event, grid) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const tiles = [...grid.children];
  const from = tiles.findIndex((tile) => tile.contains(event.target));
  const to = from < 0 ? from : next(event.key, tiles, from);
  if (to === from) return;
  event.preventDefault();
  tiles[to].querySelector(".open").focus();
}
