// The maps of viewer_sample.c: what a page of them should show.
export const WIDTH = 512, HEIGHT = 256, LOW = 0.8, HIGH = 1;
export const GREY = [179, 179, 179]; // of pixels without a value

export const values = [
    (x, y, z) => 0.9 + 0.05 * x + 0.03 * y + 0.015 * z,
    (x, y, z) => 0.9 - 0.04 * x + 0.05 * y - 0.02 * z,
    (x, y, z) => z > 0.9 ? NaN : 0.9 + 0.09 * x * y,
    (x, y, z) => 0.85 + (y > x ? 0.08 : 0) + (z > 0.3826834323650898 ? 0.04 : 0),
];

export function directionOf(yaw, pitch) {
    const longitude = yaw * Math.PI / 180, latitude = pitch * Math.PI / 180;
    return [Math.cos(latitude) * Math.cos(longitude), Math.cos(latitude) * Math.sin(longitude),
        Math.sin(latitude)];
}

// The value of the raster's pixel in which a direction is.
export function pixelValue(map, yaw, pitch) {
    const column = Math.floor((yaw % 360 + 360) % 360 / 360 * WIDTH) % WIDTH;
    const row = Math.min(HEIGHT - 1, Math.floor((90 - pitch) / 180 * HEIGHT));
    return values[map](...directionOf((column + 0.5) / WIDTH * 360,
        90 - (row + 0.5) / HEIGHT * 180));
}

// The colour in a palette, which is a page's: digits of 256 colours.
export function colourIn(palette, value) {
    if (Number.isNaN(value))
        return GREY;
    const i = Math.round((value - LOW) / (HIGH - LOW) * 255);
    return palette.substr(6 * i, 6).match(/../g).map(digits => parseInt(digits, 16));
}

// Steps of the palette are up to 4, and the texture is interpolated.
export const near = (a, b) => a.every((v, i) => Math.abs(v - b[i]) <= 6);
