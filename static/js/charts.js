// Charts: <div data-chart data-options-id="id" role="img" aria-label="..."></div> and {{ spec|json_script:"id" }}.
// spec: {type: "line" | "bar", categories: [...], unit: "%", stacked: bool, horizontal: bool, min, max, goal: number,
//   series: [{name, data: [number or null], urls: [link or null], tone: "good"|"warn"|"bad"|"quiet", points, bare, dash}]}
//   (points: such as "diamond", single points without a line between them; bare: a line without points; dash: of the line)
// or {type: "scatter", x: {name, unit}, y: {name, unit}, series: [{name, names: [of each point], data: [[x, y]]}]}
// or {option: {...}} for anything else ECharts can draw. null is drawn as a gap; a point with a url opens it.
(() => {
  // Okabe and Ito's colours, darkened for white and lightened for dark paper; checked for the common colour blindnesses.
  const palettes = {
    light: ["#0a63b8", "#c25400", "#00795a", "#9b4480", "#8a6d00", "#3f87a6", "#4d4d4d"],
    dark: ["#6fb0f2", "#f0a05a", "#45c9a0", "#dc8fc0", "#e3c84a", "#8fd0ec", "#b8b8b8"],
  };
  // Told apart by lightness as well as by hue.
  const tones = {
    light: { good: "#8cc3a0", warn: "#d08a1c", bad: "#b3241c", quiet: "#9aa5b3" },
    dark: { good: "#3d7a55", warn: "#d9a441", bad: "#e0695f", quiet: "#66717f" },
  };
  const token = (name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(--it-${name})`;
    document.body.append(probe);
    const color = getComputedStyle(probe).color;
    probe.remove();
    return color;
  };
  const words = window.itsm?.words || {};
  const language = document.documentElement.lang;
  const locale = language.startsWith("zh") ? "ZH" : "EN";
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const format = (value, unit) =>
    value == null ? words.no_data : `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value)}${unit ? (unit === "%" ? "%" : ` ${unit}`) : ""}`;

  // Shares up to 100 %, from the nearest round floor below them, in equal steps.
  function shareScale(spec) {
    const lowest = Math.min(100, ...spec.series.flatMap((item) => item.data.filter((value) => value != null)));
    if (spec.type === "bar" || lowest < 50) return { min: 0, interval: 25 };
    return lowest < 80 ? { min: 50, interval: 10 } : { min: 80, interval: 5 };
  }

  function axes(spec, colors) {
    const label = { color: colors.text, fontSize: 12 };
    const category = {
      type: "category", data: spec.categories, axisTick: { show: false }, axisLabel: { ...label, hideOverlap: true },
      axisLine: { lineStyle: { color: colors.strong } }, boundaryGap: spec.type === "bar", inverse: Boolean(spec.horizontal),
    };
    const shares = spec.unit === "%" && spec.max === 100 && spec.min == null ? shareScale(spec) : {};
    const value = {
      type: "value", min: spec.min ?? (spec.type === "bar" ? 0 : undefined), max: spec.max, scale: spec.type !== "bar" && spec.min == null,
      splitNumber: 4, ...shares, axisLabel: { ...label, formatter: (number) => format(number, spec.unit === "%" ? "%" : "") },
      splitLine: { lineStyle: { color: colors.line } },
    };
    return spec.horizontal ? { xAxis: value, yAxis: category } : { xAxis: category, yAxis: value };
  }

  const lastPlace = (item) => item.data.findLastIndex((value) => value != null);
  const isNamedAtTheEnd = (spec) => !spec.option && spec.type === "line" && spec.series.length > 1 && spec.series.length <= 3;

  // By how many pixels the names at the ends of lines move so that none is written over another.
  function shifts(chart, spec) {
    const gap = 15;
    const ends = spec.series.flatMap((item, index) => {
      const at = lastPlace(item);
      return at < 0 ? [] : [{ index, y: chart.convertToPixel({ seriesIndex: index }, [at, item.data[at]])[1] }];
    }).sort((one, other) => one.y - other.y || one.index - other.index);
    const places = ends.map((end) => end.y);
    for (let turn = 0; turn < 30; turn++) {
      for (let n = 1; n < places.length; n++) {
        const missing = gap - (places[n] - places[n - 1]);
        if (missing > 0) { places[n - 1] -= missing / 2; places[n] += missing / 2; }
      }
    }
    const over = Math.min(0, chart.getHeight() - gap / 2 - Math.max(...places)) + Math.max(0, gap / 2 - Math.min(...places));
    return Object.fromEntries(ends.map((end, n) => [end.index, places[n] + over - end.y]));
  }

  function series(spec, colors, shift = {}) {
    // Written at the last point there is: ECharts' endLabel has no place to stand where a series ends in a gap.
    const named = (item, index, at, color) =>
      isNamedAtTheEnd(spec) && at === lastPlace(item)
        ? { label: { show: true, position: "right", formatter: "{a}", color, fontSize: 12, offset: [0, shift[index] ?? 0] } } : {};
    return spec.series.map((item, index) => {
      const color = item.tone ? colors[item.tone] : colors.palette[index % colors.palette.length];
      const base = {
        name: item.name, type: spec.type, color,
        data: item.data.map((value, at) => ({ value, url: item.urls?.[at], ...named(item, index, at, color) })),
        cursor: item.urls ? "pointer" : "default", emphasis: { focus: spec.series.length > 1 ? "series" : "none" },
      };
      if (spec.type === "line") {
        Object.assign(base, {
          connectNulls: false, symbol: "circle", symbolSize: item.data.length > 40 ? 4 : 6, showAllSymbol: true, // the last one carries the name
          lineStyle: { width: 2, type: item.dash ?? ["solid", "dashed", "dotted"][index % 3] },
        });
        if (item.bare) Object.assign(base, { symbol: "none" });
        if (item.points) Object.assign(base, { symbol: item.points, symbolSize: 11, lineStyle: { width: 0 }, z: 5 });
      } else {
        Object.assign(base, {
          barMaxWidth: 28, stack: spec.stacked ? "all" : undefined, itemStyle: { borderRadius: 2 },
          label: { show: spec.series.length === 1 && item.data.length <= 14, position: spec.horizontal ? "right" : "top", color: colors.text, fontSize: 12, formatter: (point) => format(point.value, spec.unit === "%" ? "%" : "") },
        });
      }
      if (index === 0 && spec.goal != null) {
        base.markLine = {
          silent: true, symbol: "none", lineStyle: { color: colors.text, type: "dashed" },
          label: { formatter: `${words.goal} ${format(spec.goal, spec.unit)}`, color: colors.text, fontSize: 12, position: "insideEndTop" },
          data: [spec.horizontal ? { xAxis: spec.goal } : { yAxis: spec.goal }],
        };
      }
      return base;
    });
  }

  function scatter(spec, colors) {
    const label = { color: colors.text, fontSize: 12 };
    const axis = ({ name, unit }, nameGap) => ({
      type: "value", scale: true, splitNumber: 4, name, nameLocation: "middle", nameGap, nameTextStyle: label,
      axisLabel: { ...label, formatter: (number) => format(number, unit === "%" ? "%" : "") },
      axisLine: { lineStyle: { color: colors.strong } }, splitLine: { lineStyle: { color: colors.line } },
    });
    const said = ({ data: { name, value } }) => window.echarts.format.encodeHTML(`${name}: ${format(value[0], spec.x.unit)}; ${format(value[1], spec.y.unit)}`);
    return {
      xAxis: axis(spec.x, 28), yAxis: axis(spec.y, 44), tooltip: { formatter: said },
      grid: { left: 36, right: 28, top: 20, bottom: 28, containLabel: true },
      series: spec.series.map((item) => ({
        name: item.name, type: "scatter", symbolSize: 9,
        data: item.data.map((value, at) => ({ value, name: item.names[at] })),
      })),
    };
  }

  function colorsOf() {
    const theme = document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light";
    return {
      palette: palettes[theme], text: token("text-2"), line: token("line"), strong: token("line-strong"),
      ...tones[theme],
    };
  }

  function options(spec, colors) {
    const frame = {
      animation: !calm, animationDuration: 200, color: colors.palette, textStyle: { color: colors.text, fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily },
      tooltip: {
        trigger: spec.type === "bar" || spec.type === "line" ? "axis" : "item", confine: true, backgroundColor: token("surface"), borderColor: token("line"),
        textStyle: { color: token("text"), fontSize: 12 }, valueFormatter: (value) => format(value, spec.unit),
      },
      aria: { enabled: true },
    };
    if (spec.option) return { ...frame, ...spec.option };
    if (spec.type === "scatter") {
      const drawn = scatter(spec, colors);
      return { ...frame, ...drawn, tooltip: { ...frame.tooltip, ...drawn.tooltip } };
    }
    const many = spec.series.length > 3 || (spec.series.length > 1 && spec.type === "bar");
    const named = spec.series.length > 1 && !many;
    const widest = Math.max(0, ...spec.series.map((item) => [...item.name].reduce((sum, letter) => sum + (letter > "\u2e80" ? 12 : 7), 0)));
    return {
      ...frame, ...axes(spec, colors), series: series(spec, colors),
      grid: { left: 4, right: named ? widest + 12 : 28, top: many ? 36 : 20, bottom: 4, containLabel: true },
      legend: many ? { show: true, type: "scroll", top: 0, left: 0, itemWidth: 14, itemHeight: 8, textStyle: { color: colors.text, fontSize: 12 } } : { show: false },
    };
  }

  function draw(node) {
    const source = document.getElementById(node.dataset.optionsId);
    if (!source || !window.echarts) return;
    const spec = JSON.parse(source.textContent);
    const old = window.echarts.getInstanceByDom(node);
    old?.dispose();
    const chart = window.echarts.init(node, null, { renderer: "svg", locale });
    const colors = colorsOf();
    chart.setOption(options(spec, colors));
    if (isNamedAtTheEnd(spec)) {
      node.separate = () => chart.setOption({ series: series(spec, colors, shifts(chart, spec)) });
      node.separate();
    }
    chart.on("click", (point) => { if (point.data?.url) location.assign(point.data.url); });
  }

  const all = () => document.querySelectorAll("[data-chart]");
  const drawAll = () => all().forEach(draw);
  drawAll();
  document.addEventListener("theme:change", drawAll);
  document.addEventListener("htmx:after:swap", (event) => event.detail.ctx.target?.querySelectorAll?.("[data-chart]").forEach(draw));
  let timer;
  window.addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(() => all().forEach((node) => {
      window.echarts?.getInstanceByDom(node)?.resize();
      node.separate?.();
    }), 100);
  });
})();
