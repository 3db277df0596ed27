/**
 * From values on the wire to classes on the map, by the scale the server sent along; the server counts the people of
 * the legend with the same scale (layers/scale.py), and both agree because seconds are rounded up on the wire.
 *
 * @typedef {Object} Scale
 * @property {number[]} breaks class i holds the values between breaks[i - 1] and breaks[i]
 * @property {boolean} upperClosed a value equal to a break belongs below it
 * @property {boolean} hasMissing the last class is for missing values
 * @property {string[]} titles @property {string[]} colours
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const UNREACHED = 65535;
  const NO_RADIUS = 255;

  /** @param {Scale} scale @param {number} value NaN where missing @returns {number} its class, 255 for none */
  function classOf(scale, value) {
    if (value === null || Number.isNaN(value)) return scale.hasMissing ? scale.titles.length - 1 : 255;
    let at = 0;
    while (at < scale.breaks.length && (scale.upperClosed ? value > scale.breaks[at] : value >= scale.breaks[at])) at++;
    return at;
  }

  /** Classes of all cells at once through a table of the few values that can occur. */
  function through(values, size, classOfValue) {
    const table = Uint8Array.from({ length: size }, (_, value) => classOfValue(value));
    const classes = new Uint8Array(values.length);
    for (let i = 0; i < values.length; i++) classes[i] = table[values[i]];
    return classes;
  }

  const inMinutes = (seconds) => (seconds === UNREACHED ? Infinity : seconds / 60);

  function difference(seconds, official, scale, threshold) {
    const classes = new Uint8Array(seconds.length);
    for (let i = 0; i < seconds.length; i++) {
      const reached = seconds[i] <= threshold;
      const within = official[i] === 1;
      const value = within ? (reached ? 0 : 1) : reached ? 2 : 3;
      classes[i] = official[i] === NO_RADIUS ? classOf(scale, NaN) : value;
    }
    return classes;
  }

  /** @returns {Uint8Array} the class of every cell in the view of the picture */
  citymap.classesOf = (picture, arrays) => {
    const { scale } = picture;
    if (picture.view === "circle") return through(arrays.missing, 256, (value) => classOf(scale, value));
    if (picture.view === "official") {
      return through(arrays.official, 256, (value) => classOf(scale, value === NO_RADIUS ? NaN : value));
    }
    if (picture.view === "change") return citymap.changeOf(picture, arrays);
    if (picture.view === "difference") return difference(arrays.seconds, arrays.official, scale, picture.threshold);
    return through(arrays.seconds, 65536, (value) => classOf(scale, inMinutes(value)));
  };

  citymap.classOf = classOf;
  citymap.inMinutes = inMinutes;
  citymap.NO_RADIUS = NO_RADIUS;
})();
