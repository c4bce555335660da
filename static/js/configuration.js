// The graph of an impact analysis: <div data-impact-graph="id"> and its nodes and edges in a json_script of that id.
// Items stand in columns by their steps from the start. Tables below say the same without the graph.
(() => {
  const WIDE = 230;
  const HIGH = 62;
  const TAG = 28;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  const token = (name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(--it-${name})`;
    document.body.append(probe);
    const color = getComputedStyle(probe).color;
    probe.remove();
    return color;
  };

  // Each column in the order of what the items hang on in the column before, so that lines cross little. Below an
  // item is room for the services that run on it.
  function places(data) {
    const columns = new Map();
    for (const node of data.nodes) columns.set(node.depth, [...(columns.get(node.depth) || []), node]);
    const at = new Map();
    const tags = new Map();
    for (const row of data.services) tags.set(row.item, [...(tags.get(row.item) || []), row]);
    const height = (node) => HIGH + TAG * (tags.get(node.id) || []).length;
    for (const depth of [...columns.keys()].sort((one, other) => one - other)) {
      const rank = (node) => {
        const near = data.edges.flatMap((edge) =>
          edge.source === node.id ? [at.get(edge.target)] : edge.target === node.id ? [at.get(edge.source)] : []);
        const known = near.filter(Boolean).map((place) => place.y);
        return known.length ? known.reduce((sum, y) => sum + y, 0) / known.length : 0;
      };
      const column = columns.get(depth).map((node) => [rank(node), node]).sort((one, other) => one[0] - other[0]);
      let y = -column.reduce((sum, [, node]) => sum + height(node), 0) / 2;
      for (const [, node] of column) {
        at.set(node.id, { x: depth * WIDE, y: y + HIGH / 2 });
        y += height(node);
      }
    }
    return { at, tags };
  }

  function elements(data) {
    const { at, tags } = places(data);
    const made = data.nodes.map((node) => ({ data: { ...node, label: `${node.name}\n${node.number}` }, position: at.get(node.id), classes: node.depth === 0 ? "start" : "" }));
    for (const edge of data.edges) made.push({ data: edge, classes: edge.way ? "way" : "" });
    for (const [item, rows] of tags) {
      const place = at.get(item);
      rows.forEach((row, n) => made.push({
        data: { id: `${item}-${row.id}`, name: row.name, label: row.name, service: true },
        position: { x: place.x + 18, y: place.y + 38 + TAG * n }, classes: "service",
      }));
    }
    return made;
  }

  function style() {
    const text = token("text");
    const line = token("line-strong");
    const accent = token("accent");
    const font = getComputedStyle(document.body).fontFamily;
    return [
      { selector: "node", style: { shape: "round-rectangle", width: 168, height: 42, label: "data(label)", "text-valign": "center", "text-halign": "center", "text-wrap": "wrap", "text-max-width": 156, "text-overflow-wrap": "anywhere", "font-size": 11, "font-family": font, color: text, "background-color": token("surface"), "border-width": 1, "border-color": line } },
      { selector: "node[?important]", style: { "border-width": 2, "border-color": token("warn") } },
      { selector: "node.start", style: { "background-color": token("accent-bg"), "border-color": accent, "border-width": 2 } },
      { selector: "node.service", style: { shape: "round-tag", width: 132, height: 24, "text-max-width": 112, "text-wrap": "ellipsis", "background-color": token("good-bg"), "border-color": token("good-line") } },
      { selector: "node:selected", style: { "border-width": 3, "border-color": accent } },
      { selector: "edge", style: { width: 1, "line-color": line, "target-arrow-color": line, "target-arrow-shape": "triangle", "arrow-scale": 0.8, "curve-style": "bezier", label: "data(label)", "font-size": 9, "font-family": font, color: token("text-2"), "text-background-color": token("sunken"), "text-background-opacity": 1, "text-background-padding": 2 } },
      { selector: "edge.way", style: { width: 2, "line-color": token("slate"), "target-arrow-color": token("slate") } },
    ];
  }

  function start(box) {
    const source = document.getElementById(box.dataset.impactGraph);
    if (!source || !window.cytoscape || box.dataset.drawn) return;
    box.dataset.drawn = "yes";
    const data = JSON.parse(source.textContent);
    const chosen = document.querySelector("[data-graph-chosen]");
    const graph = window.cytoscape({
      container: box, elements: elements(data), style: style(), layout: { name: "preset" },
      minZoom: 0.1, maxZoom: 2.5, boxSelectionEnabled: false, autoungrabify: false,
    });
    const fit = () => { graph.resize(); graph.fit(undefined, 24); if (graph.zoom() > 1.2) { graph.zoom(1.2); graph.center(); } };
    fit();

    function say(node) {
      const facts = node.data();
      chosen.replaceChildren();
      if (facts.service) { chosen.textContent = facts.name; return; }
      const link = document.createElement("a");
      link.href = facts.url;
      link.textContent = `${facts.number} ${facts.name}`;
      const more = document.createElement("a");
      more.href = `${facts.url}impact/${location.search}`;
      more.textContent = "→";
      more.setAttribute("aria-label", document.title);
      chosen.append(link, ` · ${[facts.type, facts.state, facts.customer].filter(Boolean).join(" · ")} · `, more);
    }

    function choose(node) {
      graph.elements(":selected").unselect();
      node.select();
      say(node);
      const box2 = graph.extent();
      const place = node.position();
      if (place.x < box2.x1 || place.x > box2.x2 || place.y < box2.y1 || place.y > box2.y2) {
        if (calm) graph.center(node); else graph.animate({ center: { eles: node }, duration: 150 });
      }
    }

    // The nearest item in a direction: far to the side counts double.
    function beside(x, y) {
      const from = graph.nodes(":selected").first();
      if (from.empty()) return graph.nodes(".start").first();
      const here = from.position();
      let best = from;
      let least = Infinity;
      graph.nodes().not(".service").forEach((node) => {
        const there = node.position();
        const along = (there.x - here.x) * x + (there.y - here.y) * y;
        const aside = Math.abs((there.x - here.x) * y) + Math.abs((there.y - here.y) * x);
        if (node !== from && along > 1 && along + 2 * aside < least) { least = along + 2 * aside; best = node; }
      });
      return best;
    }

    const zoom = (factor) => graph.zoom({ level: graph.zoom() * factor, renderedPosition: { x: box.clientWidth / 2, y: box.clientHeight / 2 } });
    const acts = { in: () => zoom(1.25), out: () => zoom(0.8), fit };
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    box.addEventListener("keydown", (event) => {
      const way = ways[event.key];
      const act = { "+": "in", "=": "in", "-": "out", 0: "fit" }[event.key];
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (way) choose(beside(...way));
      else if (act) acts[act]();
      else if (event.key === "Enter" && graph.nodes(":selected").nonempty()) {
        const { url } = graph.nodes(":selected").first().data();
        if (url) location.href = url;
      } else return;
      event.preventDefault();
      event.stopPropagation();
    });
    document.querySelectorAll("[data-graph-act]").forEach((button) => button.addEventListener("click", () => acts[button.dataset.graphAct]()));
    graph.on("tap", "node", (event) => { choose(event.target); });
    graph.on("dbltap", "node", (event) => { if (event.target.data("url")) location.href = event.target.data("url"); });
    document.addEventListener("theme:change", () => graph.style(style()));
    window.addEventListener("resize", () => graph.resize());
    box.graph = graph;
  }

  document.querySelectorAll("[data-impact-graph]").forEach(start);
})();
