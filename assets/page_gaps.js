/**
 * The gaps page in the browser: its choosers follow the question, its address says tab and second place, and sentences
 * are copied.
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const { tell } = citymap;
  const same = () => window.dash_clientside.no_update;

  /** The question changed: the choosers agree with it, and the map says that it is being computed. */
  function follow(query, mapId, ruleId, editionId, elementId) {
    if (!query) return same();
    tell(elementId, { value: query.element });
    tell(ruleId, { value: query.rule || "all" });
    tell(editionId, { value: query.edition || "in_force" });
    const view = citymap.views.get(mapId);
    if (view) citymap.busy(view, mapId, true);
    return same();
  }

  /** Only the panel of the chosen tab is shown (see page_gaps.css). */
  const panels = (tab) => `gaps page-fill gaps-on-${["supply", "robust"].includes(tab) ? tab : "gap"}`;

  /** Write tab and second place into the address. */
  function address(tab, second) {
    const search = new URLSearchParams(window.location.search);
    const said = { tab: tab && tab !== "gap" ? tab : "", second: second || "" };
    Object.entries(said).forEach(([name, value]) => (value ? search.set(name, value) : search.delete(name)));
    const text = search.toString();
    const now = `${window.location.pathname}${text ? `?${text}` : ""}${window.location.hash}`;
    window.history.replaceState(window.history.state, "", now);
    return same();
  }

  function copied(button) {
    if (button.textContent === "已复制") return;
    const before = button.textContent;
    button.textContent = "已复制";
    window.setTimeout(() => (button.textContent = before), 1500);
  }

  /** Copy the text of an element. @param {number} clicks @param {string} id of it @param {string} buttonId */
  function copy(clicks, id, buttonId) {
    const from = document.getElementById(id);
    if (!clicks || !from) return same();
    window.shell.copyText(from.textContent);
    const button = document.getElementById(buttonId);
    if (button) copied(button.querySelector(".mantine-Button-label") || button);
    return same();
  }

  const wires = { follow, panels, address, copy };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { gaps: wires });

  window.dashAgGridComponentFunctions = Object.assign({}, window.dashAgGridComponentFunctions, {
    /* The sentence of a row, to be pasted into a report; the row itself is not picked by it: the table listens below
       the root that React listens at, so that the press has to be kept from it by a listener of the button's own. */
    CopySentence: ({ value }) => {
      const { createElement, useEffect, useRef } = window.React;
      const own = useRef(null);
      useEffect(() => {
        const button = own.current;
        if (!button) return undefined;
        const press = (event) => {
          event.stopPropagation();
          window.shell.copyText(value);
          copied(button);
        };
        const keys = (event) => {
          if (event.key === " " || event.key === "Enter") event.stopPropagation();
        };
        button.addEventListener("click", press);
        button.addEventListener("keydown", keys);
        return () => {
          button.removeEventListener("click", press);
          button.removeEventListener("keydown", keys);
        };
      }, [value]);
      return value ? createElement("button", { ref: own, type: "button", className: "gaps-copy", title: value }, "复制这句话") : null;
    },
  });

  window.dashMantineFunctions = Object.assign({}, window.dashMantineFunctions, {
    /* A rule in the chooser: its title, whether it is only striven for, and how sure it is. */
    ruleOption: ({ option, checked }) => {
      const make = window.React.createElement;
      const note = [option.qualifier, option.status].filter(Boolean).join(" · ");
      return make(
        "div",
        { className: `element-option rule-option${checked ? " chosen" : ""}` },
        make("span", null, option.label, option.hint ? make("small", null, option.hint) : null),
        make("small", { className: `rule-status ${option.colour || ""}` }, note),
      );
    },
  });
})();
