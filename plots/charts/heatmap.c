#include "heatmap.h"

#include "array.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Names
 */

/* The layer of a name, and what is behind it; NULL where no part is a number. */
static const char *find_layer(const char *name, long *layer)
{
    for (const char *part = name; *part;) {
        const size_t length = strcspn(part, ".");
        const size_t digits = strspn(part, "0123456789");
        if (digits == length && length > 0 && length < 7 && part[length] == '.') {
            *layer = strtol(part, NULL, 10);
            return part + length + 1;
        }
        part += length + (part[length] == '.');
    }
    return NULL;
}

/* Without ".weight" at the end; fit for printing. */
static void shorten(char out[HEATMAP_TEXT], const char *name)
{
    static const char ending[] = ".weight";
    size_t length = strlen(name);
    if (length > strlen(ending) && strcmp(name + length - strlen(ending), ending) == 0)
        length -= strlen(ending);
    escape(out, HEATMAP_TEXT, name, length);
}

static bool find_kind(struct heatmap *heatmap, const char *kind, unsigned *index,
                      struct error *error)
{
    char shown[HEATMAP_TEXT];
    shorten(shown, kind);
    for (*index = 0; *index < heatmap->nkinds; (*index)++)
        if (strcmp(heatmap->kinds[*index], shown) == 0)
            return true;
    if (heatmap->nkinds == HEATMAP_MOST_KINDS)
        return fail(error, "more than %d kinds of tensors in layers; '%s' is the next",
                    HEATMAP_MOST_KINDS, shown);
    memcpy(heatmap->kinds[heatmap->nkinds++], shown, sizeof shown);
    return true;
}

static bool find_row(struct heatmap *heatmap, long layer, struct error *error)
{
    for (size_t i = 0; i < heatmap->nlayers; i++)
        if (heatmap->layers[i] == layer)
            return true;
    if (heatmap->nlayers == HEATMAP_MOST_LAYERS)
        return fail(error, "more than %d layers", HEATMAP_MOST_LAYERS);
    heatmap->layers[heatmap->nlayers++] = layer;
    return true;
}

bool heatmap_add(struct heatmap *heatmap, const char *tensor, double value, struct error *error)
{
    struct heatmap_cell *cells =
        array_grow(heatmap->cells, heatmap->count, &heatmap->capacity, sizeof *cells);
    if (!cells)
        return fail(error, "out of memory");
    heatmap->cells = cells;
    struct heatmap_cell *cell = &cells[heatmap->count];
    *cell = (struct heatmap_cell){.layer = HEATMAP_NO_LAYER, .value = value};
    const char *kind = find_layer(tensor, &cell->layer);
    if (!kind && heatmap->nlisted++ == HEATMAP_MOST_LISTED)
        return fail(error, "more than %d tensors without a layer in their names",
                    HEATMAP_MOST_LISTED);
    if (!kind)
        shorten(cell->name, tensor);
    else if (!find_kind(heatmap, kind, &cell->kind, error) ||
             !find_row(heatmap, cell->layer, error))
        return false;
    heatmap->count++;
    return true;
}

static int compare_layers(const void *left, const void *right)
{
    const long a = *(const long *)left, b = *(const long *)right;
    return (a > b) - (a < b);
}

void heatmap_finish(struct heatmap *heatmap)
{
    double low = INFINITY, high = -INFINITY;
    qsort(heatmap->layers, heatmap->nlayers, sizeof *heatmap->layers, compare_layers);
    for (size_t i = 0; i < heatmap->count; i++) {
        low = fmin(low, heatmap->cells[i].value); /* NaN loses */
        high = fmax(high, heatmap->cells[i].value);
    }
    const double margin = high > low ? 0 : fmax(0.01 * fabs(low), 1e-6);
    heatmap->colouring.low = low - margin;
    heatmap->colouring.high = high + margin;
}

void heatmap_free(struct heatmap *heatmap)
{
    free(heatmap->cells);
}
