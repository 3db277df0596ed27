/**
 * From a picture as callbacks/picture.py describes it to layers on the screen. A picture of units may carry one of cells
 * (near): from NEAR_ZOOM on the cells are drawn within the borders of the units, unless units are insisted on.
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const NEAR_ZOOM = 12.5;
  const WAIT_MS = 120;

  /** Make our layers on a map, once. @param {View} view @param {string} id */
  citymap.prepare = (view, id) => {
    if (view.layers.cells) return view.layers;
    const { map, layers } = view;
    const pane = (name, z) => ({ pane: citymap.pane(map, `citymap-${name}`, z) });
    const failed = (problem) => citymap.say(problem.message);
    layers.units = new citymap.UnitLayer(pane("units", 330)).addTo(map);
    layers.cells = new citymap.CellLayer({ ...pane("cells", 340), opacity: 0.95, opacityNear: 0.75 }).addTo(map);
    layers.area = new citymap.CellLayer({ ...pane("area", 345), opacity: 0.3 }).addTo(map);
    layers.outlines = new citymap.UnitLayer(pane("outlines", 350)).addTo(map);
    layers.streets = new citymap.StreetLayer({ ...pane("streets", 360), failed }).addTo(map);
    layers.facilities = new citymap.FacilityLayer(pane("facilities", 420)).addTo(map);
    layers.names = new citymap.NameLayer(pane("names", 430)).addTo(map);
    layers.proof = new citymap.ProofLayer(pane("proof", 440)).addTo(map);
    layers.tip = citymap.tip(map);
    citymap.listen(view, id);
    citymap.watchSize(view, id);
    map.on("zoomend", () => citymap.switchPart(view, id));
    return layers;
  };

  /** Say that the map is being computed, after a moment, or that it is there. */
  citymap.busy = (view, id, on) => {
    clearTimeout(view.busyTimer);
    const box = document.getElementById(`${id}-busy`);
    if (!box) return;
    if (!on) box.hidden = true;
    else view.busyTimer = setTimeout(() => (box.hidden = false), WAIT_MS);
  };

  const or = (url, as) => (url ? citymap.fetched(url, as) : Promise.resolve(null));

  /** Seconds of the city as it is with those that a scenario changes (dashboard/arrays.py for the bytes). */
  function merged(known, changes) {
    const [whole, count] = new Uint32Array(changes, 0, 2);
    const values = new Uint16Array(whole);
    values.set(new Uint16Array(known).subarray(0, whole));
    const own = new Uint16Array(changes, 8 + 4 * count, count);
    new Uint32Array(changes, 8, count).forEach((cell, i) => (values[cell] = own[i]));
    return values;
  }

  /** Fetch the arrays of a picture of cells. */
  citymap.arraysOf = async ({ urls }) => {
    const binary = ["cells", "seconds", "changes", "before", "official", "missing", "people"];
    const [names, cells, seconds, changes, before, official, missing, people] = await Promise.all([
      or(urls.names, "json"),
      ...binary.map((name) => or(urls[name], "arrayBuffer")),
    ]);
    if (!cells) return null;
    return {
      geometry: citymap.readCells(cells),
      seconds: seconds && (changes ? merged(seconds, changes) : new Uint16Array(seconds)),
      before: before && new Uint16Array(before),
      official: official && new Uint8Array(official),
      missing: missing && new Uint8Array(missing),
      people: people && new Float32Array(people),
      names,
    };
  };

  /** The part of a picture to draw at this zoom. */
  function partOf(view, picture) {
    const near = picture.near && !view.fixed && view.map.getZoom() >= NEAR_ZOOM;
    return near ? { ...picture.near, bordered: picture.urls.units } : picture;
  }

  /** Fetch what a part needs. @returns {Promise<Object>} the part with its arrays and units */
  citymap.load = async (view, picture) => {
    const part = partOf(view, picture);
    const [arrays, units] = await Promise.all([
      part.kind === "cells" ? citymap.arraysOf(part) : null,
      or(part.kind === "units" ? part.urls.units : part.bordered, "json"),
    ]);
    return { part, arrays, units };
  };

  function drawUnits(layers, part, collection) {
    if (!collection) {
      layers.units.clear();
      return;
    }
    layers.units.load(collection);
    if (part.kind === "cells") {
      layers.units.paint(() => null);
      return;
    }
    const { values } = part.units;
    layers.units.paint((row) => {
      const at = row < values.length ? citymap.classOf(part.scale, values[row]) : 255;
      return at === 255 ? null : citymap.fillOf(part.scale, at);
    });
  }

  function drawCells(view, part, arrays) {
    const { cells } = view.layers;
    const words = part.kind === "cells" && arrays ? citymap.wordsOf(part) : "";
    if (words && words === view.cellWords) return;
    view.cellWords = words;
    if (words) cells.show(arrays.geometry, citymap.classesOf(part, arrays), part.scale.colours);
    else cells.clear();
  }

  /** Draw the values of a part and write its legend. */
  citymap.drawPart = (view, id, { part, arrays, units }) => {
    view.arrays = arrays;
    view.shown = part;
    drawUnits(view.layers, part, units);
    drawCells(view, part, arrays);
    const legend = document.getElementById(`${id}-legend`);
    if (legend) citymap.writeLegend(legend, part);
    citymap.writeHint(id, part);
    (view.after || []).forEach((draw) => draw(part, arrays));
  };

  /** The zoom or the way of drawing changed: draw the other part where there are two. */
  citymap.switchPart = async (view, id) => {
    const { picture, turn, shown } = view;
    if (!picture || !picture.near || !shown || partOf(view, picture).kind === shown.kind) return;
    citymap.busy(view, id, true);
    try {
      const loaded = await citymap.load(view, picture);
      if (view.turn === turn && view.picture === picture && partOf(view, picture).kind === loaded.part.kind) {
        citymap.drawPart(view, id, loaded);
      }
    } catch (problem) {
      citymap.say(problem.message);
    }
    if (view.turn === turn) citymap.busy(view, id, false);
  };

  /** Draw borders, names, facilities and streets. */
  citymap.drawPlaces = async (view, picture, turn) => {
    const { layers } = view;
    const { urls } = picture;
    const [outlines, places, ...named] = await Promise.all([
      or(urls.outlines, "json"),
      or(urls.facilities, "json"),
      ...picture.names.map(({ url }) => or(url, "json")),
    ]);
    if (view.turn !== turn) return;
    citymap.drawGround(layers, { picture, outlines, named });
    layers.facilities.show(places, picture.colour, picture.placesFrom);
    layers.streets.show(urls.streets || null);
  };

  /** Draw borders and names. */
  citymap.drawGround = (layers, { picture, outlines, named }) => {
    if (outlines) layers.outlines.load(outlines, { fill: false, color: "#334155", weight: 1.4 });
    else layers.outlines.clear();
    layers.names.show(picture.names.map((level, i) => ({ ...level, collection: named[i] })));
  };
})();
