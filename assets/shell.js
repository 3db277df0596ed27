/* The shell in the browser: the URL and the remembered choices, large type, printing, and the search of elements. */
(function () {
  "use strict";
  const KEY = "yikezhong-query", LARGE = "yikezhong-large", LEVEL = "yikezhong-level";
  /* What a page itself says in its address beside the question: the place looked at, the one it is compared with. */
  const KEPT = [
    "place", "first", "second", "tab", "theme", "kind", "severity", "fault", "check",
    "target", "county", "as_of", "of", "from", "to", "indicator",
  ];

  function read(key) {
    try { return window.localStorage.getItem(key) || ""; } catch (_) { return ""; }
  }
  function write(key, value) {
    try { window.localStorage.setItem(key, value); } catch (_) { /* private window: nothing is remembered */ }
  }
  let path = null, told = null, opened = null;
  /* A link followed before the first question is settled does not take away what the address asked for. */
  function arrival() {
    const asks = path !== null || opened === null || isQuestion(window.location.search);
    const search = asks ? window.location.search : opened;
    opened = search;
    return { search, remembered: read(KEY), level: read(LEVEL), at: Date.now() };
  }
  function text(query) {
    const out = new URLSearchParams();
    Object.entries(query).forEach(([name, value]) => {
      if (value === null || value === undefined) return;
      if (name === "inclusive") value = value ? 1 : 0;
      out.set(name, Array.isArray(value) ? value.join(",") : String(value));
    });
    return out.toString();
  }
  function isQuestion(search) {
    return /[?&](element|minutes|rule|edition|scenario)=/.test(search);
  }

  async function copyText(words) {
    try {
      await window.navigator.clipboard.writeText(words);
    } catch (_) {  /* no clipboard outside https and localhost */
      const field = document.createElement("textarea");
      field.value = words;
      document.body.appendChild(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  }
  window.shell = { copyText };

  /* The back button: our own entries of the history are unknown to dcc.Location. */
  window.addEventListener("popstate", function () {
    if (isQuestion(window.location.search) && window.location.pathname === path) {
      told = window.location.search;
      window.dash_clientside.set_props("query-arrival", { data: arrival() });
    }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    shell: {
      /* A page is opened or followed by a link: what its URL says, unless it says nothing new. */
      arrive: function () {
        if (path === null || isQuestion(window.location.search)) return arrival();
        if (window.location.pathname === path) {  /* a link to the page that is open: its address keeps the question */
          window.history.replaceState(window.history.state, "", path + "?" + read(KEY) + window.location.hash);
        }
        return window.dash_clientside.no_update;
      },
      /* The scenario of the question, for what depends on nothing else of it. */
      scenario: function (query, before) {
        return query && (query.scenario || "") !== before ? query.scenario || "" : window.dash_clientside.no_update;
      },
      /* The question changed: write it into the URL and remember it. A change adds an entry to the history. */
      mirror: function (query, level) {
        if (!query) return window.dash_clientside.no_update;
        const now = new URLSearchParams(window.location.search);
        const kept = KEPT.filter((name) => now.get(name)).map((name) => "&" + name + "=" + encodeURIComponent(now.get(name)));
        const own = text(query), search = "?" + own + kept.join("");
        write(KEY, own);
        write(LEVEL, level || "");
        const here = window.location.pathname, first = path === null || path !== here;
        path = here;
        if (search !== window.location.search) {
          const how = first || told !== null ? "replaceState" : "pushState";
          window.history[how](window.history.state, "", here + search + window.location.hash);
        }
        told = null;
        return search;
      },
      copy: async function (clicks) {
        if (!clicks) return window.dash_clientside.no_update;
        await copyText(window.location.href);
        window.setTimeout(() => window.dash_clientside.set_props("query-copy", { children: "复制链接" }), 2000);
        return "已复制";
      },
      print: function (clicks) {
        if (clicks) window.setTimeout(() => window.print(), 50);
        return window.dash_clientside.no_update;
      },
      large: function (checked) {
        if (checked === null || checked === undefined) {
          checked = read(LARGE) === "1";
        } else {
          write(LARGE, checked ? "1" : "0");
        }
        document.documentElement.toggleAttribute("data-large", checked);
        window.dispatchEvent(new Event("resize"));
        return checked;
      },
      /* The switch of a page follows the question; not a wire, because the question follows the switch. */
      followMeasure: function (query) {
        const value = query && query.view === "circle" ? "circle" : "network";
        if (query) window.dash_clientside.set_props("overview-measure", { value: value });
        return value;
      },
      open: function (clicks) {
        return clicks ? true : window.dash_clientside.no_update;
      },
    },
  });

  /* A link inside a table: followed in the window as the links of the pages are, without loading it anew. */
  function follow(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    window.history.pushState({}, "", event.currentTarget.getAttribute("href"));
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }
  window.dashAgGridComponentFunctions = Object.assign({}, window.dashAgGridComponentFunctions, {
    PlaceLink: function (props) {
      return window.React.createElement("a", { href: props.data.href, onClick: follow }, props.value);
    },
  });

  /* A share just short of the whole (or just above nothing) is not rounded to it. */
  window.dashAgGridFunctions = Object.assign({}, window.dashAgGridFunctions, {
    sharePercent: (share) => (share === null || share === undefined ? "—" : window.citymap.percent(share)),
  });

  function found(option, words) {
    const own = (option.label + " " + (option.words || "")).toLowerCase();
    return words.every((word) => own.includes(word));
  }
  window.dashMantineFunctions = Object.assign({}, window.dashMantineFunctions, {
    /* Options carry their aliases and pinyin initials in ``words``. */
    elementFilter: function ({ options, search }) {
      const words = search.toLowerCase().trim().split(/\s+/);
      return options
        .map((option) => option.items
          ? Object.assign({}, option, { items: option.items.filter((item) => found(item, words)) })
          : option)
        .filter((option) => (option.items ? option.items.length : found(option, words)));
    },
    elementOption: function ({ option, checked }) {
      const make = window.React.createElement;
      return make("div", { className: "element-option" + (checked ? " chosen" : "") },
        make("span", null, option.label), make("small", null, option.hint || ""));
    },
  });
})();
