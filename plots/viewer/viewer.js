// The panorama page: draws the maps' codes into a canvas, which pannellum shows, and tells the value
// and the direction under the pointer. Longitude grows to the right, as on the flat map.
"use strict";
(() => {
    const BLANK = [179, 179, 179]; // as in figures
    const GOLDEN = (Math.sqrt(5) - 1) / 2; // multiples of it spread numbers over the palette
    const CODES = 65536;
    const LAST_STEP = CODES - 2; // codes 1 .. 65535 are steps 0 .. 65534
    // With an axis or two in sight.
    const FIRST_VIEW = innerWidth < innerHeight ? {yaw: 20, pitch: 10, hfov: 75}
        : {yaw: 45, pitch: 20, hfov: 110};
    const AXES = [["x", 0, 0], ["y", 90, 0], ["−x", 180, 0], ["−y", -90, 0], ["z", 0, 90],
        ["−z", 0, -90]];

    const element = id => document.getElementById(id);
    const data = JSON.parse(element("data").textContent);
    const {width, height, colouring, maps} = data;
    const colours = Array.from({length: 256}, (_, i) =>
        [0, 2, 4].map(k => parseInt(colouring.palette.substr(6 * i + k, 2), 16)));

    // ---------------------------------------------------------------------------------------------
    // Values and colours

    // Both ends of a scale may be equal.
    const between = (t, first, last, logarithmic) =>
        logarithmic ? first * Math.pow(last / first, t) : first * (1 - t) + last * t;

    const valueOf = (map, code) => code === 0 ? NaN : map.numbers ? map.numbers[code - 1]
        : between((code - 1) / LAST_STEP, map.first, map.last, map.logarithmic);

    // Where a value is on the colour bar, 0 .. 1.
    function placeOf(value) {
        const {low, high, logarithmic, shuffled} = colouring;
        if (shuffled)
            return value * GOLDEN % 1;
        const t = logarithmic ? Math.log(value / low) / Math.log(high / low)
            : (value - low) / (high - low);
        return Math.min(1, Math.max(0, t));
    }

    function colourOf(value) {
        if (Number.isNaN(value))
            return BLANK;
        const at = placeOf(value) * 255, i = Math.min(254, Math.floor(at)), part = at - i;
        return colours[i].map((c, k) => Math.round(c * (1 - part) + colours[i + 1][k] * part));
    }

    // How far a value may be from what is shown: half a step, or half a step's share of the value.
    function errorOf(map) {
        if (colouring.shuffled)
            return 0;
        if (map.logarithmic)
            return (Math.pow(map.last / map.first, 1 / LAST_STEP) - 1) / 2;
        return (map.last - map.first) / LAST_STEP / 2;
    }

    const digitsFor = error => Math.min(15, Math.max(0, Math.ceil(-Math.log10(error))));

    function valueText(map, code) {
        if (code === 0)
            return "no value";
        const value = valueOf(map, code), error = errorOf(map);
        if (colouring.shuffled)
            return fixed(value, 0);
        if (map.floor && code === 1)
            return "≤ " + short(map.first) + colouring.unit;
        if (error === 0)
            return short(value) + colouring.unit;
        const text = map.logarithmic ? value.toPrecision(Math.max(2, digitsFor(error)))
            : fixed(value, digitsFor(error));
        return text + colouring.unit;
    }

    // A number with at most so many digits, or, of a table, with as many; null is none.
    function short(value, digits = 5) {
        return value === null ? "–" : withMinus(String(Number(value.toPrecision(digits))));
    }

    // Figures of the table have as many decimals as the largest needs for six digits.
    const largest = Math.max(...maps.flatMap(map => [map.min, map.max]).map(Math.abs));
    const decimals = Math.min(15, Math.max(0, 5 - Math.floor(Math.log10(0.999 * largest || 1))));
    const narrow = innerWidth < 480 ? 1 : 0;

    function inTable(value) {
        if (value === null)
            return "–";
        if (colouring.shuffled)
            return fixed(value, 0);
        return colouring.logarithmic ? withMinus(value.toPrecision(6 - narrow))
            : fixed(value, Math.max(0, decimals - narrow));
    }

    const withMinus = text => text.replaceAll("-", "−");

    // With so many decimals, and no sign where nothing but zeros is left.
    const fixed = (value, decimals) => withMinus(value.toFixed(decimals)
        .replace(/^-(0(\.0*)?)$/, "$1"));

    // ---------------------------------------------------------------------------------------------
    // Maps

    const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

    function readCodes(index) {
        const bytes = atob(element("codes-" + index).textContent);
        const codes = new Uint16Array(width * height);
        for (let i = 0; i < codes.length; i++)
            codes[i] = bytes.charCodeAt(2 * i) | bytes.charCodeAt(2 * i + 1) << 8;
        element("codes-" + index).remove();
        return codes;
    }

    function colourTable(map) {
        return Uint32Array.from({length: CODES}, (_, code) => {
            const [r, g, b] = colourOf(valueOf(map, code) ?? NaN);
            return (littleEndian ? 255 << 24 | b << 16 | g << 8 | r
                : r << 24 | g << 16 | b << 8 | 255) >>> 0;
        });
    }

    // The widest texture of this device; 0 without WebGL.
    function textureLimit() {
        const gl = document.createElement("canvas").getContext("webgl");
        if (!gl)
            return 0;
        const limit = gl.getParameter(gl.MAX_TEXTURE_SIZE);
        const lose = gl.getExtension("WEBGL_lose_context");
        if (lose)
            lose.loseContext();
        return limit;
    }

    // Where the map is larger than the device's textures, every second or third pixel is drawn.
    function makeCanvas(limit) {
        const canvas = document.createElement("canvas");
        const reduction = Math.ceil(width / limit);
        canvas.width = Math.floor(width / reduction);
        canvas.height = Math.floor(height / reduction);
        return canvas;
    }

    // Longitude 0, where a map begins, is in the middle of the canvas: yaw 0 of pannellum.
    function paint(canvas, map) {
        const context = canvas.getContext("2d");
        const image = context.createImageData(canvas.width, canvas.height);
        const pixels = new Uint32Array(image.data.buffer);
        const columns = Int32Array.from({length: canvas.width}, (_, i) =>
            (Math.floor((i + 0.5) * width / canvas.width) + width / 2) % width);
        const table = colourTable(map);
        for (let row = 0, k = 0; row < canvas.height; row++) {
            const from = Math.floor((row + 0.5) * height / canvas.height) * width;
            for (let i = 0; i < canvas.width; i++)
                pixels[k++] = table[map.codes[from + columns[i]]];
        }
        context.putImageData(image, 0, 0);
    }

    // The code of the pixel in which a direction is, degrees.
    function codeAt(map, yaw, pitch) {
        const longitude = (yaw % 360 + 360) % 360;
        const column = Math.min(width - 1, Math.floor(longitude / 360 * width));
        const row = Math.min(height - 1, Math.max(0, Math.floor((90 - pitch) / 180 * height)));
        return map.codes[row * width + column];
    }

    // ---------------------------------------------------------------------------------------------
    // Panels

    let current = 0;

    function fillTable() {
        maps.forEach((map, i) => {
            const row = element("maps").insertRow();
            const head = row.appendChild(document.createElement("th"));
            const button = head.appendChild(document.createElement("button"));
            head.scope = "row";
            if (i < 9)
                button.appendChild(document.createElement("kbd")).textContent = i + 1;
            button.append(map.title);
            button.title = map.title + (map.blanks ? `; grey: ${map.blanks} pixels without a value`
                : "");
            // The arrow keys stay with the panorama.
            button.addEventListener("mousedown", event => event.preventDefault());
            button.addEventListener("click", () => select(i));
            for (const figure of [map.min, map.mean, map.areaMean, map.max])
                row.insertCell().textContent = inTable(figure);
        });
    }

    function fillHelp() {
        if (maps.length > 1)
            element("map-keys").innerHTML = `<kbd>1</kbd>–<kbd>${Math.min(9, maps.length)}</kbd>`
                + " other map · ";
    }

    // Round values between the ends of the bar: multiples of 1, 2 or 5 times a power of ten, at most
    // five; or powers of ten, and 2 and 5 times these if that is not too many.
    function roundValues() {
        const {low, high, logarithmic} = colouring, values = [];
        if (logarithmic) {
            const decades = Math.log10(high / low), stride = Math.max(1, Math.ceil(decades / 5));
            for (let k = Math.floor(Math.log10(low)); k <= Math.log10(high); k += stride)
                values.push(...(decades < 3 ? [1, 2, 5] : [1]).map(m => Number(m + "e" + k)));
            return values.filter(value => value >= low && value <= high);
        }
        const power = Math.pow(10, Math.floor(Math.log10((high - low) / 5)));
        const step = [1, 2, 5, 10].map(m => m * power).find(s => (high - low) / s <= 5);
        for (let k = Math.ceil(low / step); k * step <= high; k++)
            values.push(k * step);
        return values;
    }

    function addTick(value, name) {
        const tick = element("ticks").appendChild(document.createElement("span"));
        tick.textContent = short(value) + (name ? colouring.unit : "");
        tick.className = name;
        tick.style.left = 100 * placeOf(value) + "%";
        return tick.getBoundingClientRect();
    }

    // Both ends, and between them what does not touch.
    function fillBar() {
        const context = element("gradient").getContext("2d");
        colours.forEach((colour, i) => {
            context.fillStyle = `rgb(${colour})`;
            context.fillRect(i, 0, 1, 1);
        });
        element("bar").hidden = colouring.shuffled;
        element("ticks").replaceChildren();
        let free = addTick(colouring.low, "low").right + 10;
        const end = addTick(colouring.high, "high").left - 10;
        for (const value of roundValues()) {
            const box = addTick(value, "");
            if (box.left < free || box.right > end)
                element("ticks").lastChild.remove();
            else
                free = box.right + 10;
        }
    }

    function describe(map) {
        const error = errorOf(map);
        const half = map.logarithmic ? short(100 * error, 2) + " %"
            : short(error, 2) + colouring.unit;
        const colours = colouring.shuffled ? "each number has a colour"
            : `${colouring.title}: colours from ${short(colouring.low)}${colouring.unit} to `
            + `${short(colouring.high)}${colouring.unit}`
            + (colouring.logarithmic ? ", logarithmic" : "");
        element("bar-title").textContent = `${colours}; ${width} × ${height} pixels of `
            + `${short(360 / width, 3)}°` + (error === 0 ? "" : `, values ± ${half}`);
    }

    function readOut(yaw, pitch) {
        const map = maps[current], code = codeAt(map, yaw, pitch), value = valueOf(map, code);
        const longitude = yaw * Math.PI / 180, latitude = pitch * Math.PI / 180;
        const direction = [Math.cos(latitude) * Math.cos(longitude),
            Math.cos(latitude) * Math.sin(longitude), Math.sin(latitude)];
        element("value").textContent = (colouring.title ?? "number") + " " + valueText(map, code);
        element("direction").textContent = ["x", "y", "z"].map((name, i) =>
            `${name} ${fixed(direction[i], 4)}`).join("   ");
        element("angles").textContent =
            `longitude ${fixed((yaw % 360 + 360) % 360, 2)}°, latitude ${fixed(pitch, 2)}°`;
        element("swatch").style.background = `rgb(${colourOf(value)})`;
        element("pointer").style.left = 100 * placeOf(Number.isNaN(value) ? 0 : value) + "%";
        element("pointer").hidden = Number.isNaN(value);
        return {value, yaw, pitch, direction};
    }

    // ---------------------------------------------------------------------------------------------
    // The view

    let viewer, canvas, pointer = null, shown = "";

    function select(index) {
        current = index;
        for (const [i, row] of [...element("maps").rows].entries()) {
            row.toggleAttribute("aria-current", i === index);
            row.querySelector("button").setAttribute("aria-pressed", i === index);
        }
        describe(maps[index]);
        shown = "";
        if (canvas) {
            paint(canvas, maps[index]);
            viewer.setUpdate(false); // draws the view again
        }
    }

    function look(yaw, pitch) {
        viewer.stopMovement();
        viewer.lookAt(pitch, yaw, viewer.getHfov(), 400);
    }

    function zoom(factor) {
        viewer.setHfov(viewer.getHfov() * factor, false);
    }

    function reset() {
        viewer.stopMovement();
        viewer.lookAt(FIRST_VIEW.pitch, FIRST_VIEW.yaw, FIRST_VIEW.hfov, 400);
    }

    function fullScreen() {
        if (document.fullscreenElement)
            document.exitFullscreen();
        else if (document.documentElement.requestFullscreen)
            document.documentElement.requestFullscreen().catch(() => {});
    }

    const hide = () => document.body.classList.toggle("bare");

    // Reads out whenever the view, the map or the pointer has moved.
    function follow() {
        const [pitch, yaw] = pointer ? viewer.mouseEventToCoords(pointer)
            : [viewer.getPitch(), viewer.getYaw()];
        const next = [yaw, pitch, current].join();
        if (next !== shown && Number.isFinite(yaw) && Number.isFinite(pitch)) {
            readOut(yaw, pitch);
            shown = next;
        }
        element("centre").hidden = pointer !== null;
        requestAnimationFrame(follow);
    }

    function listen() {
        const panorama = element("panorama");
        panorama.addEventListener("pointermove", event => {
            pointer = event.pointerType === "mouse"
                ? {clientX: event.clientX, clientY: event.clientY} : null;
        });
        panorama.addEventListener("pointerleave", () => pointer = null);
        panorama.addEventListener("wheel", event => {
            event.preventDefault();
            const lines = event.deltaMode === 0 ? event.deltaY / 40 : event.deltaY;
            zoom(Math.pow(1.05, Math.max(-8, Math.min(8, lines))));
        }, {passive: false});
        element("zoom-in").addEventListener("click", () => zoom(0.8));
        element("zoom-out").addEventListener("click", () => zoom(1.25));
        element("reset").addEventListener("click", reset);
        element("hide").addEventListener("click", hide);
        element("full").addEventListener("click", fullScreen);
        for (const button of document.querySelectorAll("#controls button"))
            button.addEventListener("mousedown", event => event.preventDefault());
        document.addEventListener("keydown", press);
        window.addEventListener("resize", fillBar);
    }

    function press(event) {
        if (event.ctrlKey || event.altKey || event.metaKey)
            return;
        const axis = AXES.find(([name]) => name === (event.shiftKey ? "−" : "")
            + event.key.toLowerCase());
        if (/^[1-9]$/.test(event.key) && event.key <= maps.length)
            select(event.key - 1);
        else if (axis)
            look(axis[1], axis[2]);
        else if (event.key === "Home")
            reset();
        else if (event.key === "h")
            hide();
        else if (event.key === "f")
            fullScreen();
        else
            return;
        event.preventDefault();
    }

    function start() {
        viewer = pannellum.viewer("panorama", {
            type: "equirectangular",
            panorama: canvas,
            dynamic: true, // the panorama is an element, and it is uploaded when it is drawn
            dynamicUpdate: true,
            autoLoad: true,
            showControls: false,
            mouseZoom: false, // listen() has a wheel that zooms by factors
            doubleClickZoom: false,
            yaw: FIRST_VIEW.yaw,
            pitch: FIRST_VIEW.pitch,
            hfov: FIRST_VIEW.hfov,
            minHfov: Math.min(30, 16 * 360 / width), // sixteen pixels
            maxHfov: 130,
            hotSpots: AXES.map(([name, yaw, pitch]) => ({
                yaw, pitch, cssClass: "axis",
                createTooltipFunc: div => { div.textContent = name; },
            })),
        });
        viewer.setUpdate(false); // from now on when the view moves
        listen();
        element("panorama").focus();
        follow();
    }

    function complain(text) {
        const box = document.body.appendChild(document.createElement("p"));
        box.id = "mistake";
        box.setAttribute("role", "alert");
        box.textContent = text;
    }

    maps.forEach((map, i) => map.codes = readCodes(i));
    fillTable();
    fillHelp();
    fillBar();
    const limit = textureLimit();
    if (limit > 0) {
        canvas = makeCanvas(limit);
        paint(canvas, maps[0]);
        start();
    } else {
        complain("This browser has no WebGL, which the panorama needs.");
    }
    select(0);

    // For scripts and tests.
    window.panorama = {viewer, data, select, readOut, colourOf};
})();
