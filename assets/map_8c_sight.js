/** Where a map looks: the whole city until somebody moves it, and never under what lies over its edges. */
(() => {
  "use strict";
  if (!window.citymap) return;

  const LEGEND_PX = 330;

  /** How much of the map is covered from the left and from the right, in pixels. @param {L.Map} map */
  function covered(map) {
    const own = map.getContainer().getBoundingClientRect();
    const frame = map.getContainer().closest(".citymap-frame");
    let [left, right] = [0, 0];
    if (!frame) return { left, right };
    // The legend comes with the first values; its place is kept free before.
    if (frame.querySelector(".citymap-legend:empty")) left = LEGEND_PX;
    frame.querySelectorAll(".citymap-cover").forEach((part) => {
      const box = part.getBoundingClientRect();
      if (!box.width || !box.height) return;
      if (box.left - own.left < own.right - box.right) left = Math.max(left, box.right - own.left);
      else right = Math.max(right, own.right - box.left);
    });
    // On a small screen the covers may leave nothing free; then the map does not care for them.
    return left + right > 0.8 * own.width ? { left: 0, right: 0 } : { left, right };
  }

  function paddings(map, least) {
    const { left, right } = covered(map);
    return { paddingTopLeft: [left + least, least], paddingBottomRight: [right + least, least] };
  }

  /** Show the whole city, and keep showing it while the map is resized, until somebody moves the map. */
  citymap.fit = (view, extent) => {
    view.fitting = true;
    view.map.invalidateSize({ animate: false });
    view.map.fitBounds(extent, { animate: false, ...paddings(view.map, 6) });
    view.fitting = false;
    view.home = extent;
  };

  /** Show the whole city when its data are others than before; another scenario on them leaves the map where it is. */
  citymap.fitOnce = (view, { home, extent }) => {
    if (view.fitted === home || !extent) return;
    const looking = view.fitted === undefined && view.away;
    view.fitted = home;
    if (!looking) citymap.fit(view, extent);
  };

  /** Bring bounds into the free part of the map, unless they are there already and not too small to be seen. */
  citymap.reveal = (view, bounds, { maxZoom = 16 } = {}) => {
    const { map } = view;
    const { left, right } = covered(map);
    const size = map.getSize();
    const [a, b] = L.latLngBounds(bounds).isValid() ? bounds.map((at) => map.latLngToContainerPoint(at)) : [null, null];
    if (!a) return;
    const xs = [a.x, b.x];
    const ys = [a.y, b.y];
    const inside = Math.min(...xs) >= left && Math.max(...xs) <= size.x - right && Math.min(...ys) >= 0 && Math.max(...ys) <= size.y;
    const large = Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y)) >= 40;
    if (inside && (large || map.getZoom() >= maxZoom - 1)) return;
    view.home = null;
    map.fitBounds(bounds, { maxZoom, ...paddings(map, 40) });
  };

  citymap.watchSize = (view, id) => {
    const { map } = view;
    map.on("dragstart zoomend", () => {
      if (!view.fitting) view.home = null;
    });
    const watcher = new ResizeObserver(() => {
      if (view.home) citymap.fit(view, view.home);
      else map.invalidateSize({ animate: false });
    });
    watcher.observe(map.getContainer());
    const legend = document.getElementById(`${id}-legend`);
    if (legend) watcher.observe(legend);
    map.on("unload", () => watcher.disconnect());
  };
})();
