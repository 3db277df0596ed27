/**
 * Units: the choropleth, the outlines that serve as our own base map, and their names. The polygons of a level come
 * once; after that only values come, and the layers are restyled in place.
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const NO_FILL = { fill: false, stroke: true, color: "#7a8699", weight: 0.5 };

  /** Tell whether a ring (of [lng, lat]) holds a place, by the even–odd rule. */
  function inRing(ring, x, y) {
    let inside = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi, yi] = ring[i];
      const [xj, yj] = ring[j];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
    return inside;
  }

  function boxOf(geometry) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    for (const [outer] of polygons) {
      for (const [x, y] of outer) {
        box[0] = Math.min(box[0], x);
        box[1] = Math.min(box[1], y);
        box[2] = Math.max(box[2], x);
        box[3] = Math.max(box[3], y);
      }
    }
    return { box, polygons };
  }

  citymap.UnitLayer = L.Layer.extend({
    initialize(options) {
      L.setOptions(this, options);
    },
    onAdd(map) {
      this._renderer = L.canvas({ pane: this.options.pane, padding: 0.25 });
      this._group = L.geoJSON(null, { renderer: this._renderer, pane: this.options.pane, interactive: false });
      this._group.addTo(map);
    },
    onRemove() {
      this._group.remove();
    },
    /** @param {Object} collection GeoJSON; each feature has row, code, name and at ([lng, lat] inside it) */
    load(collection, style) {
      if (this._loaded === collection) return;
      this._loaded = collection;
      this._shapes = collection.features.map((feature) => ({ ...feature.properties, ...boxOf(feature.geometry) }));
      this._group.clearLayers();
      this._group.options.style = style || NO_FILL;
      this._group.addData(collection);
    },
    /** @param {(row: number) => (string | null)} colourOf colour of the unit in a row, null for none */
    paint(colourOf) {
      this._group.setStyle((feature) => {
        const colour = colourOf(feature.properties.row);
        return colour ? { ...NO_FILL, fill: true, fillColor: colour, fillOpacity: 0.85 } : NO_FILL;
      });
    },
    clear() {
      this._loaded = null;
      this._shapes = [];
      this._group.clearLayers();
    },
    /** @param {L.LatLng} at @returns {?Object} properties of the unit that holds the place */
    pick(at) {
      const hit = (this._shapes || []).find(({ box, polygons }) => {
        if (at.lng < box[0] || at.lng > box[2] || at.lat < box[1] || at.lat > box[3]) return false;
        return polygons.some(
          ([outer, ...holes]) => inRing(outer, at.lng, at.lat) && !holes.some((hole) => inRing(hole, at.lng, at.lat)),
        );
      });
      return hit || null;
    },
  });

  /** Names of units, written on a canvas (never as HTML), the higher level first, none over another. */
  citymap.NameLayer = citymap.CanvasLayer.extend({
    /** @param {Array<{collection: Object, from: number, to: number, bold: boolean}>} levels by zoom */
    show(levels) {
      this._levels = levels;
      this.redraw();
    },
    draw(context, frame) {
      const taken = [];
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.lineJoin = "round";
      for (const { collection, from, to, bold } of this._levels || []) {
        if (frame.zoom < from || frame.zoom >= to) continue;
        context.font = `${bold ? 600 : 400} ${bold ? 14 : 12}px "Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif`;
        for (const { properties } of collection.features) this._write(context, frame, properties, taken);
      }
    },
    _write(context, frame, { name, at }, taken) {
      const [mx, my] = citymap.mercator(at[1], at[0]);
      const x = mx * frame.scale + frame.left;
      const y = my * frame.scale + frame.top;
      if (x < 0 || y < 0 || x > frame.width || y > frame.height) return;
      const half = context.measureText(name).width / 2 + 4;
      const box = [x - half, y - 10, x + half, y + 10];
      if (taken.some((b) => b[0] < box[2] && b[2] > box[0] && b[1] < box[3] && b[3] > box[1])) return;
      taken.push(box);
      context.strokeStyle = "rgba(255,255,255,0.9)";
      context.lineWidth = 4;
      context.strokeText(name, x, y);
      context.fillStyle = "#1a2433";
      context.fillText(name, x, y);
    },
  });
})();
