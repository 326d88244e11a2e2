// Panoramas in a browser, opened from disk:
// node viewer_browser.mjs CHROMIUM DIRECTORY [SCREENSHOT_DIR]
// In the directory are cosines.html, angles.html and numbers.html, of the maps of viewer_sample.c.
import assert from "node:assert/strict";
import {writeFileSync} from "node:fs";
import {pathToFileURL} from "node:url";
import {Browser} from "./viewer_chromium.mjs";
import {GREY, HEIGHT, HIGH, LOW, colourIn, directionOf, near, pixelValue, values}
    from "./viewer_expected.mjs";
import {readPng} from "./viewer_png.mjs";

const SIZE = [700, 600]; // of the window: frames are drawn by the CPU
const HOSTILE = "</script></title><script>window.broken = 1</script><!-- \"'`\\ & {{codes}} é";

const [chromium, directory, screenshots] = process.argv.slice(2);
const addressOf = name => pathToFileURL(`${directory}/${name}.html`).href;
const complaints = [], requests = [];
const browser = new Browser(chromium, (method, event) => {
    if (/^(Runtime.consoleAPICalled|Runtime.exceptionThrown|Log.entryAdded)$/.test(method))
        complaints.push(JSON.stringify(event));
    if (method === "Network.requestWillBeSent")
        requests.push(event.request.url);
});
const page = expression => browser.evaluate(expression);

// -------------------------------------------------------------------------------------------------
// What a user does and sees

const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

async function waitFor(expression) {
    for (const end = Date.now() + 30000; Date.now() < end; await pause(20))
        if (await page(expression))
            return;
    assert.fail(`waited in vain for ${expression}`);
}

// Two frames: what was asked for is drawn in the first.
const drawn = () => page("new Promise(f => requestAnimationFrame(() => requestAnimationFrame(f)))"
    + ".then(() => true)");

// Without inertia, which takes seconds where frames are slow.
async function settle() {
    await page("panorama.viewer.stopMovement(), true");
    await drawn();
}

async function load(width, height, mobile, name) {
    await browser.send("Emulation.setDeviceMetricsOverride",
        {width, height, deviceScaleFactor: 1, mobile});
    await browser.send("Emulation.setTouchEmulationEnabled", {enabled: mobile});
    await browser.send("Page.navigate", {url: addressOf(name)});
    await waitFor("document.readyState === 'complete' && window.panorama !== undefined");
}

async function open(width, height, mobile = false, name = "cosines") {
    await load(width, height, mobile, name);
    await waitFor("panorama.viewer.isLoaded()");
    await drawn();
}

async function screenshot(name) {
    await drawn();
    const {data} = await browser.send("Page.captureScreenshot", {format: "png"});
    if (screenshots)
        writeFileSync(`${screenshots}/${name}.png`, Buffer.from(data, "base64"));
    return readPng(Buffer.from(data, "base64"));
}

const mouse = (type, x, y, more = {}) => browser.send("Input.dispatchMouseEvent",
    {type, x, y, button: "none", ...more});

async function drag(from, to) {
    const button = {button: "left", buttons: 1, clickCount: 1};
    await mouse("mouseMoved", ...from);
    await mouse("mousePressed", ...from, button);
    for (let i = 1; i <= 5; i++) {
        await mouse("mouseMoved", ...from.map((v, k) => v + (to[k] - v) * i / 5), button);
        await drawn();
    }
        await mouse("mouseReleased", ...to, button);
    await settle();
}

const key = (type, name, code) => browser.send("Input.dispatchKeyEvent", {type, key: name,
    text: type === "keyDown" && name.length === 1 ? name : undefined, windowsVirtualKeyCode: code,
    nativeVirtualKeyCode: code});

async function press(name, code) {
    await key("keyDown", name, code);
    await key("keyUp", name, code);
}

// Holds a key until the view has moved so far.
async function hold(name, code, until) {
    await key("keyDown", name, code);
    await waitFor(until);
    await key("keyUp", name, code);
    await settle();
}

const view = () => page("({yaw: panorama.viewer.getYaw(), pitch: panorama.viewer.getPitch(),"
    + " hfov: panorama.viewer.getHfov()})");

async function look(yaw, pitch, hfov) {
    await page(`panorama.viewer.stopMovement(), panorama.viewer.lookAt(${pitch}, ${yaw}, ${hfov},`
        + " false), true");
    await settle();
}

// -------------------------------------------------------------------------------------------------
// What should be there

const colourOf = async value => colourIn(await page("panorama.data.colouring.palette"), value);

// [pitch, yaw] at a place of the window, as pannellum sees it.
const coordinates = (x, y) => page(`panorama.viewer.mouseEventToCoords({clientX: ${x}, clientY: `
    + `${y}})`);

// Places all over the free part of the window, and the directions there.
const freePlaces = () => page(`(() => {
    const box = e => e.getBoundingClientRect();
    const marks = [...document.querySelectorAll(".axis"), document.getElementById("centre")].map(box);
    const from = box(document.getElementById("top")).bottom + 10, places = [];
    const to = box(document.getElementById("bottom")).top - 10;
    for (let y = Math.ceil(from); y < to; y += 23)
        for (let x = 13; x < innerWidth - 60; x += 47)
            if (!marks.some(m => m.left - 2 < x && x < m.right + 2 && m.top - 2 < y
                && y < m.bottom + 2))
                places.push([x, y, ...panorama.viewer.mouseEventToCoords({clientX: x, clientY: y})]);
    return places; })()`);

async function checkColours(map, image) {
    const places = await freePlaces(), colours = new Set();
    const palette = await page("panorama.data.colouring.palette");
    assert.ok(places.length > 50);
    for (const [x, y, pitch, yaw] of places) {
        const expected = colourIn(palette, values[map](...directionOf(yaw, pitch)));
        assert.ok(near(image.at(x, y), expected), `map ${map}, yaw ${yaw}, pitch ${pitch}: `
            + `${image.at(x, y)}, not ${expected}`);
        colours.add(image.at(x, y).join());
    }
    assert.ok(colours.size > 5, "one colour everywhere");
}

const text = id => page(`document.getElementById("${id}").textContent`);
const numbers = string => string.replaceAll("−", "-").match(/-?\d+(\.\d+)?(e-?\d+)?/g).map(Number);

// The readout at a place of the window is the raster's value there, to the precision that is said.
async function checkReadout(map, x, y) {
    await mouse("mouseMoved", x, y);
    await drawn();
    const [pitch, yaw] = await coordinates(x, y);
    const [value] = numbers(await text("value"));
    const precision = numbers((await text("bar-title")).split("±")[1])[0];
    assert.ok(precision > 0 && precision < 2e-6, `precision ${precision}`);
    assert.ok(Math.abs(value - pixelValue(map, yaw, pitch)) <= 1.2 * precision,
        `${value} at yaw ${yaw}, pitch ${pitch}`);
    const direction = numbers(await text("direction"));
    directionOf(yaw, pitch).forEach((v, i) => assert.ok(Math.abs(v - direction[i]) < 6e-5));
    const [longitude, latitude] = numbers(await text("angles"));
    assert.ok(Math.abs(longitude - (yaw + 360) % 360) < 6e-3);
    assert.ok(Math.abs(latitude - pitch) < 6e-3);
}

// -------------------------------------------------------------------------------------------------
// Tests

const tests = {
    async page_is_whole() {
        assert.equal(await page("document.title"), HOSTILE);
        assert.equal(await page("document.querySelector('h1').textContent"), HOSTILE);
        assert.equal(await page("typeof window.broken"), "undefined");
        const rows = await page("[...document.getElementById('maps').rows].map(r => r.innerText)");
        assert.equal(rows.length, 4);
        assert.match(rows[0], /1\s*iq4_nl nearest\s+0\.8397\d\d\s+0\.900000\s+0\.900000\s+0\.9602\d\d/);
        assert.ok(rows[3].includes(HOSTILE));
        const ticks = await page("[...document.querySelectorAll('#ticks span')].map(s =>"
            + " s.textContent)");
        assert.deepEqual(ticks.toSorted?.() ?? ticks.sort(), ["0.8", "0.85", "0.9", "0.95", "1"]);
        assert.match(await text("bar-title"), /^cosine: colours from 0.8 to 1; 512 × 256 pixels/);
    },

    async pixels_have_the_colours_of_the_values() {
        await checkColours(0, await screenshot("first"));
        // A pole, and where the canvas begins and ends.
        for (const [yaw, pitch] of [[10, 85], [180, 5], [-60, -80]]) {
            await look(yaw, pitch, 90);
            await checkColours(0, await screenshot(`yaw${yaw}`));
        }
    },

    async axes_are_labelled() {
        const axes = {x: [0, 0], y: [90, 0], "−x": [180, 0], "−y": [-90, 0], z: [0, 90],
            "−z": [0, -90]};
        assert.equal(await page("document.querySelectorAll('.axis').length"), 6);
        for (const [name, [yaw, pitch]] of Object.entries(axes)) {
            await look(yaw + 10, pitch * 0.97, 80);
            const [x, y] = await page(`(() => { const r = [...document.querySelectorAll(".axis")]
                .find(e => e.textContent === "${name}").getBoundingClientRect();
                return [(r.left + r.right) / 2, (r.top + r.bottom) / 2]; })()`);
            await mouse("mouseMoved", x, y);
            await drawn();
            const direction = numbers(await text("direction"));
            directionOf(yaw, pitch).forEach((v, i) => assert.ok(Math.abs(v - direction[i]) < 0.01,
                `${name}: ${direction}`));
        }
    },

    async readout_is_the_value_under_the_pointer() {
        await look(100, -20, 100);
        for (const [x, y] of [[300, 300], [500, 280], [600, 350]])
            await checkReadout(0, x, y);
        await look(181, 80, 60);
        for (const [x, y] of [[200, 300], [400, 350]])
            await checkReadout(0, x, y);
    },

    async dragging_moves_the_view() {
        await look(30, 0, 90);
        const before = await view(), image = await screenshot("before-drag");
        await drag([300, 280], [450, 360]);
        const after = await view();
        assert.ok(after.yaw < before.yaw - 5, `yaw ${after.yaw}`);
        assert.ok(after.pitch > before.pitch + 2, `pitch ${after.pitch}`);
        assert.equal(after.hfov, before.hfov);
        const moved = await screenshot("after-drag");
        assert.notDeepEqual(moved.at(600, 300), image.at(600, 300));
        await checkColours(0, moved);
    },

    async keys_and_wheel_move_the_view() {
        await look(30, 0, 90);
        await hold("ArrowRight", 39, "panorama.viewer.getYaw() > 30.5");
        await hold("ArrowUp", 38, "panorama.viewer.getPitch() > 0.5");
        await hold("+", 187, "panorama.viewer.getHfov() < 89.5");
        await hold("-", 189, "panorama.viewer.getHfov() > 90");
        const {hfov} = await view();
        await mouse("mouseWheel", 500, 300, {deltaX: 0, deltaY: -200});
        await settle();
        assert.ok((await view()).hfov < hfov * 0.9);
        await press("y", 89);
        await waitFor("Math.abs(panorama.viewer.getYaw() - 90) < 1e-6"
            + " && Math.abs(panorama.viewer.getPitch()) < 1e-6");
        await press("Home", 36);
        await waitFor("Math.abs(panorama.viewer.getYaw() - 45) < 1e-6"
            + " && Math.abs(panorama.viewer.getHfov() - 110) < 1e-6");
    },

    async switching_maps_keeps_the_view() {
        await look(20, 10, 90);
        const before = await view();
        for (const [map, how] of [[1, "key"], [3, "button"], [0, "key"], [2, "button"]]) {
            if (how === "key") {
                await press(String(map + 1), 49 + map);
            } else {
                const [x, y] = await page(`(() => { const r = document.querySelectorAll(
                    "#maps button")[${map}].getBoundingClientRect();
                    return [r.left + 5, (r.top + r.bottom) / 2]; })()`);
                await mouse("mousePressed", x, y, {button: "left", buttons: 1, clickCount: 1});
                await mouse("mouseReleased", x, y, {button: "left", clickCount: 1});
            }
            assert.deepEqual(await view(), before);
            assert.equal(await page("[...document.getElementById('maps').rows].map(r =>"
                + " Number(r.hasAttribute('aria-current'))).indexOf(1)"), map);
            if (map !== 3)
                await checkColours(map, await screenshot(`map${map}`));
            await checkReadout(map, 500, 350);
        }
        // The panorama still has the keys.
        await hold("ArrowRight", 39, "panorama.viewer.getYaw() > 20.5");
    },

    async blanks_are_grey() {
        await look(0, 90, 60);
        await mouse("mouseMoved", 450, 350);
        assert.deepEqual((await screenshot("blank")).at(450, 330), GREY);
        assert.equal(await text("value"), "cosine no value");
    },

    // Edges of the map that are edges between pixels: right to a twelfth of a pixel.
    async view_is_not_shifted() {
        await page("panorama.select(3), true");
        await look(45, 10, 12);
        let image = await screenshot("edge-longitude");
        const low = await colourOf(0.85), high = await colourOf(0.93);
        const isHigh = pixel => Math.abs(pixel[1] - high[1]) < Math.abs(pixel[1] - low[1]);
        let edge = 150;
        while (edge < 550 && !isHigh(image.at(edge, 330)))
            edge++;
        assert.ok(Math.abs((await coordinates(edge, 330))[1] - 45) < 0.06, `column ${edge}`);
        await look(30, 22.5, 12);
        image = await screenshot("edge-latitude");
        const above = await colourOf(0.89);
        edge = 240;
        while (edge < 420 && Math.abs(image.at(600, edge)[1] - above[1])
                < Math.abs(image.at(600, edge)[1] - low[1]))
            edge++;
        assert.ok(Math.abs((await coordinates(600, edge))[0] - 22.5) < 0.06, `row ${edge}`);
    },

    async panels_can_be_hidden() {
        const hidden = "getComputedStyle(document.getElementById('top')).visibility";
        await press("h", 72);
        assert.equal(await page(hidden), "hidden");
        await press("h", 72);
        assert.equal(await page(hidden), "visible");
    },

    async narrow_windows_hold_everything() {
        for (const [width, height] of [[360, 640], [844, 390]]) {
            await open(width, height, true);
            await screenshot(`phone-${width}`);
            const boxes = await page(`["top", "controls", "bottom"].map(id => {
                const r = document.getElementById(id).getBoundingClientRect();
                return {id, left: r.left, right: r.right, top: r.top, bottom: r.bottom}; })`);
            for (const [i, a] of boxes.entries()) {
                assert.ok(a.left >= 0 && a.right <= width && a.top >= 0 && a.bottom <= height,
                    `${width}: ${JSON.stringify(a)}`);
                for (const b of boxes.slice(i + 1))
                    assert.ok(a.right <= b.left || b.right <= a.left || a.bottom <= b.top
                        || b.bottom <= a.top, `${width}: ${a.id} and ${b.id} overlap`);
            }
            assert.ok(await page("document.getElementById('scroll').scrollWidth"
                + " <= document.getElementById('scroll').clientWidth"), "the table is cut");
        }
    },

    // Without a pointer the readout is of the middle.
    async fingers_move_the_view() {
        await open(390, 844, true);
        const before = await view();
        const touch = (type, x, y) => browser.send("Input.dispatchTouchEvent",
            {type, touchPoints: x === undefined ? [] : [{x, y}]});
        await touch("touchStart", 200, 500);
        for (const x of [180, 150, 120])
            await touch("touchMove", x, 500);
        await touch("touchEnd");
        await settle();
        const after = await view();
        assert.ok(after.yaw > before.yaw + 3, `yaw ${after.yaw}`);
        const [value] = numbers(await text("value"));
        assert.ok(Math.abs(value - pixelValue(0, after.yaw, after.pitch)) < 2e-6);
    },

    async small_textures_do() {
        const {identifier} = await browser.send("Page.addScriptToEvaluateOnNewDocument", {source: `
            const ask = WebGLRenderingContext.prototype.getParameter;
            WebGLRenderingContext.prototype.getParameter = function (name) {
                return name === this.MAX_TEXTURE_SIZE ? 200 : ask.call(this, name); };`});
        await open(...SIZE);
        await checkColours(0, await screenshot("small-texture"));
        await browser.send("Page.removeScriptToEvaluateOnNewDocument", {identifier});
    },

    async missing_webgl_is_said() {
        const {identifier} = await browser.send("Page.addScriptToEvaluateOnNewDocument", {source: `
            const get = HTMLCanvasElement.prototype.getContext;
            HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
                return /webgl/.test(kind) ? null : get.call(this, kind, ...more); };`});
        await load(...SIZE, false, "cosines");
        assert.match(await text("mistake"), /no WebGL/);
        await browser.send("Page.removeScriptToEvaluateOnNewDocument", {identifier});
    },

    // Angles follow the logarithm; of those at 0 only the first code's limit is known.
    async angles_are_read_out() {
        await open(...SIZE, false, "angles");
        await look(30, 20, 60);
        await mouse("mouseMoved", 400, 330);
        await drawn();
        const [pitch, yaw] = await coordinates(400, 330);
        const row = Math.floor((90 - pitch) / 180 * HEIGHT);
        const [value] = numbers(await text("value"));
        const expected = 10 ** (2 * Math.cos((row + 0.5) / HEIGHT * Math.PI));
        assert.ok(Math.abs(value / expected - 1) < 1.2e-4, `${value}, not ${expected}, yaw ${yaw}`);
        assert.match(await text("value"), /^angle \d\.\d+°$/);
        assert.match(await text("bar-title"), /^angle: colours from 0\.1° to 100°, logarithmic;.* %$/);
        await look(0, -90, 60);
        assert.equal(await text("value"), "angle ≤ 0.1°");
        const places = await page("[...document.querySelectorAll('#ticks span')].map(s =>"
            + " [Number(s.textContent.replace('°', '')), parseFloat(s.style.left)])");
        for (const [tick, place] of places)
            assert.ok(Math.abs(place - 100 * Math.log10(tick * 10) / 3) < 0.01, `${tick}`);
        assert.ok(places.length >= 4);
    },

    async numbers_are_read_out() {
        await open(...SIZE, false, "numbers");
        const colours = new Set(), image = await screenshot("numbers");
        for (const [x, y, pitch, yaw] of await freePlaces()) {
            const [a, b, c] = directionOf(yaw, pitch);
            if (Math.min(...[a, b, c].map(Math.abs)) < 0.05)
                continue; // at an edge
            const number = 1000 + (a > 0) + 2 * (b > 0) + 4 * (c > 0);
            const place = number * (Math.sqrt(5) - 1) / 2 % 1;
            assert.ok(near(image.at(x, y), await colourOf(LOW + place * (HIGH - LOW))), `${number}`);
            colours.add(number);
        }
        assert.ok(colours.size >= 3);
        assert.match(await page("document.getElementById('maps').innerText"),
            /\s1000\s+100[34]\s+100[34]\s+1007$/);
        await look(45, 40, 60);
        assert.equal(await text("value"), "number 1007");
        assert.equal(await page("document.getElementById('bar').offsetHeight"), 0);
    },

    async nothing_was_complained_of_or_asked_for() {
        assert.deepEqual(complaints, []);
        assert.ok(requests.length > 0);
        const pages = ["cosines", "angles", "numbers"].map(addressOf);
        for (const request of requests)
            assert.ok(pages.includes(request) || request.startsWith("data:"), request);
    },
};

let failed = 0;
try {
    await browser.open();
    await open(...SIZE);
    for (const [name, test] of Object.entries(tests)) {
        const start = Date.now();
        try {
            await test();
            console.log(`ok ${name} (${Date.now() - start} ms)`);
        } catch (error) {
            failed++;
            console.log(`not ok ${name}\n${error.stack}`);
        }
    }
} finally {
    await browser.close();
}
process.exitCode = failed ? 1 : 0;
