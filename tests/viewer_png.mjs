// Pixels of the PNG files that Chromium writes: 8 bits, RGB or RGBA, not interlaced.
import {inflateSync} from "node:zlib";

// Filters of the PNG specification, section 9: what is added to byte x, which has a to its left,
// b above, and c above that.
function paeth(a, b, c) {
    const p = a + b - c, [pa, pb, pc] = [a, b, c].map(v => Math.abs(p - v));
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}
const filters = [() => 0, a => a, (a, b) => b, (a, b) => (a + b) >> 1, paeth];

export function readPng(file) {
    const chunks = [];
    for (let at = 8; at < file.length;) {
        const size = file.readUInt32BE(at), type = file.toString("latin1", at + 4, at + 8);
        if (type === "IDAT")
            chunks.push(file.subarray(at + 8, at + 8 + size));
        at += 12 + size;
    }
    const width = file.readUInt32BE(16), height = file.readUInt32BE(20);
    const channels = file[25] === 6 ? 4 : 3, stride = width * channels;
    const data = inflateSync(Buffer.concat(chunks)), pixels = Buffer.alloc(height * stride);
    for (let row = 0; row < height; row++) {
        const filter = filters[data[row * (stride + 1)]];
        for (let i = 0; i < stride; i++) {
            const k = row * stride + i, left = i >= channels, above = row > 0;
            pixels[k] = data[row * (stride + 1) + 1 + i] + filter(left ? pixels[k - channels] : 0,
                above ? pixels[k - stride] : 0, left && above ? pixels[k - stride - channels] : 0);
        }
    }
    const at = (x, y) => [...pixels.subarray(y * stride + x * channels).subarray(0, 3)];
    return {width, height, at};
}
