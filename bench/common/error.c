#include "error.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The arguments may point into error->text: format elsewhere first. */
static __attribute__((format(printf, 4, 0))) bool fail_v(struct error *error, const char *separator,
                                                         const char *rest, const char *format,
                                                         va_list arguments)
{
    char text[sizeof error->text];
    int written = vsnprintf(text, sizeof text, format, arguments);
    if (written < 0) {
        text[0] = '\0';
    }
    size_t length = strlen(text);
    (void)snprintf(text + length, sizeof text - length, "%s%s", separator, rest);
    memcpy(error->text, text, sizeof text);
    return false;
}

bool fail(struct error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fail_v(error, "", "", format, arguments);
    va_end(arguments);
    return false;
}

bool fail_in(struct error *error, const char *prefix_format, ...)
{
    va_list arguments;
    va_start(arguments, prefix_format);
    (void)fail_v(error, ": ", error->text, prefix_format, arguments);
    va_end(arguments);
    return false;
}

/*
 * Decodes the UTF-8 sequence at `bytes` (the table of well-formed sequences, Unicode 15
 * section 3.9). Returns its length, or 0 if it is not well formed.
 */
static size_t decode_utf8(const uint8_t *bytes, size_t remaining, uint32_t *code_point)
{
    uint8_t first = bytes[0];
    if (first < 0x80) {
        *code_point = first;
        return 1;
    }
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || length > remaining) {
        return 0;
    }
    uint32_t value = first & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
        value = value << 6 | (bytes[i] & 0x3Fu);
    }
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < smallest[length] || value > 0x10FFFF || surrogate) {
        return 0;
    }
    *code_point = value;
    return length;
}

/* False also for what moves or hides text on a terminal: C1 controls, line separators, direction
 * overrides, zero-width characters. */
static bool is_printable(uint32_t code_point)
{
    if (code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0)) {
        return false;
    }
    if (code_point == '"' || code_point == '\'' || code_point == '\\') {
        return false;
    }
    return !(code_point >= 0x200B && code_point <= 0x200F) &&
           !(code_point >= 0x2028 && code_point <= 0x202E) &&
           !(code_point >= 0x2060 && code_point <= 0x206F) && code_point != 0xFEFF;
}

/* Writes the next piece of the escaped text into `piece` (4 bytes at most, no terminator); returns
 * how many bytes of the input it stands for. */
static size_t next_piece(const uint8_t *bytes, size_t remaining, char piece[4],
                         size_t *piece_length)
{
    uint32_t code_point;
    size_t length = decode_utf8(bytes, remaining, &code_point);
    if (length > 0 && is_printable(code_point)) {
        memcpy(piece, bytes, length);
        *piece_length = length;
        return length;
    }
    static const char digits[] = "0123456789abcdef";
    piece[0] = '\\';
    piece[1] = 'x';
    piece[2] = digits[bytes[0] >> 4];
    piece[3] = digits[bytes[0] & 15];
    *piece_length = 4;
    return 1;
}

const char *escape(char *out, size_t size, const char *bytes, size_t length)
{
    static const char cut[] = "...";
    if (size < sizeof cut) {
        if (size > 0) {
            out[0] = '\0';
        }
        return out;
    }
    size_t used = 0;
    size_t cut_at = 0; /* the last end of a piece after which "..." still fits */
    for (size_t i = 0; i < length;) {
        char piece[4];
        size_t piece_length;
        i += next_piece((const uint8_t *)bytes + i, length - i, piece, &piece_length);
        if (piece_length > size - 1 - used) {
            memcpy(out + cut_at, cut, sizeof cut);
            return out;
        }
        memcpy(out + used, piece, piece_length);
        used += piece_length;
        if (used + sizeof cut <= size) {
            cut_at = used;
        }
    }
    out[used] = '\0';
    return out;
}

bool fail_in_named(struct error *error, const char *what, const char *name)
{
    char shown[256];
    return fail_in(error, "%s \"%s\"", what, escape(shown, sizeof shown, name, strlen(name)));
}
