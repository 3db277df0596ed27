/**
 * Fills that can be told apart without colour: what is no verdict (cannot be computed, does not apply) is drawn as a
 * pattern, so that it is never taken for a light or a dark value in greyscale print.
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const SIZE = 8;
  const INK = "#5d6673";
  const made = new Map();

  const DRAW = {
    hatch(context) {
      context.lineWidth = 1.4;
      context.beginPath();
      for (const shift of [-SIZE, 0, SIZE]) {
        context.moveTo(shift, SIZE);
        context.lineTo(shift + SIZE, 0);
      }
      context.stroke();
    },
    dots(context) {
      context.beginPath();
      context.arc(SIZE / 2, SIZE / 2, 1.1, 0, 2 * Math.PI);
      context.fill();
    },
    cross(context) {
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(0, 0);
      context.lineTo(SIZE, SIZE);
      context.moveTo(0, SIZE);
      context.lineTo(SIZE, 0);
      context.stroke();
    },
  };

  /** A pattern that repeats over the map. @param {string} name of DRAW @param {string} colour of its ground */
  function patternOf(name, colour) {
    const key = `${name}${colour}`;
    if (!made.has(key)) {
      const tile = document.createElement("canvas");
      tile.width = SIZE;
      tile.height = SIZE;
      const context = tile.getContext("2d");
      context.fillStyle = colour;
      context.fillRect(0, 0, SIZE, SIZE);
      context.strokeStyle = INK;
      context.fillStyle = INK;
      DRAW[name](context);
      made.set(key, context.createPattern(tile, "repeat"));
    }
    return made.get(key);
  }

  /** What a class is filled with: its colour, or the pattern the scale names for it. @param {Scale} scale */
  citymap.fillOf = (scale, at) => {
    const name = scale.patterns && scale.patterns[at];
    return name && DRAW[name] ? patternOf(name, scale.colours[at]) : scale.colours[at];
  };
})();
