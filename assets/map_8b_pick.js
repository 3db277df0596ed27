/**
 * What a movement of the pointer, a click and a key do on a map. What is on the screen is what a click asks about: a
 * facility, else the cell where cells are drawn, else the unit. A page that lays marks or tools of its own over the map
 * adds to view.claims functions (place) => true when the click is its own, and to view.hints (place) => words or null.
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const { tell } = citymap;

  const first = (asked, at) => (asked || []).reduce((found, ask) => found || ask(at), null);

  function wordsAt({ layers, shown, arrays, hints }, at) {
    const own = first(hints, at);
    if (own) return own;
    const spot = layers.facilities.pick(at);
    if (spot && spot.members.length > 1) return [`${spot.members.length} 处设施`, "单击放大"];
    if (spot) return [spot.name || "（未命名设施）", shown.element];
    if (shown.kind === "cells") {
      const cell = arrays ? layers.cells.pick(at) : -1;
      return cell >= 0 ? citymap.wordsOfCell(shown, arrays, cell) : null;
    }
    const unit = layers.units.pick(at);
    return unit ? citymap.wordsOfUnit(shown, unit) : null;
  }

  function hover(view, at) {
    if (!view.shown) return;
    const words = wordsAt(view, at);
    if (words) view.layers.tip.show(at, words);
    else view.layers.tip.hide();
    view.map.getContainer().classList.toggle("citymap-over-something", Boolean(words));
  }

  function pickedAt({ map, layers, shown, arrays }, at) {
    const spot = layers.facilities.pick(at);
    if (spot && spot.members.length > 1) {
      map.fitBounds(spot.bounds.pad(0.2), { maxZoom: Math.max(map.getZoom() + 2, 14) });
      return null;
    }
    if (spot) return { kind: "facility", row: spot.row };
    const cell = shown.kind === "cells" && arrays ? layers.cells.pick(at) : -1;
    if (cell >= 0) return { kind: "cell", cell };
    const unit = layers.units.pick(at);
    return unit ? { kind: "unit", code: unit.code } : null;
  }

  function pick(view, id, at) {
    if (first(view.claims, at) || !view.shown) return;
    const picked = pickedAt(view, at);
    if (!picked) return;
    view.picked = true;
    tell(`${id}-picked`, { data: { ...picked, lat: at.lat, lng: at.lng, stamp: view.shown.stamp, at: Date.now() } });
  }

  /** The cross of the card that lies open over the map, if one does. */
  function closer() {
    return [...document.querySelectorAll("[data-escape]")].find((cross) => cross.getClientRects().length);
  }

  // An open card answers to Escape from the moment it is seen, whether or not its map has been drawn.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && closer()) closer().click();
  });

  /** Listen to pointer and keys. @param {View} view @param {string} id */
  citymap.listen = (view, id) => {
    const { map, layers } = view;
    let pending = null;
    map.on("click", (event) => pick(view, id, event.latlng));
    map.on("mousemove", (event) => {
      const waiting = pending !== null;
      pending = event.latlng;
      if (waiting) return;
      requestAnimationFrame(() => {
        const at = pending;
        pending = null;
        if (at) hover(view, at);
      });
    });
    map.on("mouseout movestart", () => {
      pending = null;
      layers.tip.hide();
    });
    const onKey = (event) => {
      if (event.key !== "Escape" || !view.picked || closer()) return;
      view.picked = false;
      tell(`${id}-picked`, { data: { kind: "none", at: Date.now() } });
    };
    document.addEventListener("keydown", onKey);
    map.on("unload", () => document.removeEventListener("keydown", onKey));
  };
})();
