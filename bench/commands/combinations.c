#include "combinations.h"

#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Questions
 */

bool combination_exists(enum rdl_format format, enum rdl_rounding rounding, enum rdl_scales scales,
                        enum rdl_weighting weighting)
{
    return rdl_encoder_support(format, rounding, weighting, RDL_SCALAR) != 0 &&
           rdl_scales_support(format, rounding, scales);
}

bool combination_has_rounding(enum rdl_format format, enum rdl_rounding rounding)
{
    for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++)
        if (combination_exists(format, rounding, RDL_SCALES_DEFAULT, (enum rdl_weighting)w))
            return true;
    return false;
}

bool combination_has_scales(enum rdl_format format, enum rdl_rounding rounding)
{
    unsigned count = 0;
    for (unsigned s = 0; s < RDL_SCALES_COUNT; s++)
        count +=
            s != RDL_SCALES_DEFAULT && rdl_scales_support(format, rounding, (enum rdl_scales)s);
    return count > 1;
}

const char *axis_scales(unsigned value)
{
    return rdl_scales_name((enum rdl_scales)value);
}

const char *contestant_label(const struct contestant *contestant, char label[CONTESTANT_LABEL])
{
    const bool scales = contestant->scales != RDL_SCALES_DEFAULT;
    const bool weighting = contestant->weighting != RDL_NATIVE;
    snprintf(label, CONTESTANT_LABEL, "%s%s%s%s%s", rdl_rounding_name(contestant->rounding),
             scales ? "/" : "", scales ? rdl_scales_name(contestant->scales) : "",
             weighting ? ":" : "", weighting ? rdl_weighting_name(contestant->weighting) : "");
    return label;
}

/* ------------------------------------------------------------------------------------------------
 * Tables
 */

/* What a line of a table says of a format, as sets of bits. */
typedef unsigned long long set_fn(enum rdl_format format);

static unsigned long long published(enum rdl_format format)
{
    unsigned long long set = 0;
    for (unsigned r = 0; r < RDL_FIRST_SEARCH; r++)
        if (combination_has_rounding(format, (enum rdl_rounding)r))
            set |= 1ull << r;
    return set;
}

static unsigned long long searches(enum rdl_format format)
{
    unsigned long long set = 0;
    for (unsigned r = RDL_FIRST_SEARCH; r < RDL_ROUNDING_COUNT; r++)
        if (combination_has_rounding(format, (enum rdl_rounding)r))
            set |= 1ull << r;
    return set;
}

/* By any rounding of the format. */
static unsigned long long scales(enum rdl_format format)
{
    unsigned long long set = 0;
    for (unsigned r = RDL_FIRST_SEARCH; r < RDL_ROUNDING_COUNT; r++)
        for (unsigned s = 0; s < RDL_SCALES_COUNT; s++)
            if (s != RDL_SCALES_DEFAULT &&
                rdl_scales_support(format, (enum rdl_rounding)r, (enum rdl_scales)s))
                set |= 1ull << s;
    return set;
}

enum {
    LINE = 96
};

/* Appends a word to a line that goes on in the next one, indented, where it is full. */
static void print_word(size_t *column, const char *separator, const char *word)
{
    if (*column + strlen(separator) + strlen(word) > LINE) {
        printf("%.1s\n     ", separator);
        *column = 5;
        separator = " ";
    }
    printf("%s%s", separator, word);
    *column += strlen(separator) + strlen(word);
}

static void print_line(set_fn *set, unsigned format, axis_name_fn *name)
{
    const unsigned long long members = set((enum rdl_format)format);
    size_t column = 0;
    const char *separator = "  ";
    for (unsigned f = format; f < RDL_FORMAT_COUNT; f++)
        if (set((enum rdl_format)f) == members) {
            print_word(&column, separator, axis_format(f));
            separator = ", ";
        }
    separator = ": ";
    for (unsigned i = 0; name(i); i++)
        if (members >> i & 1u) {
            print_word(&column, separator, name(i));
            separator = ", ";
        }
    putchar('\n');
}

/* True if an earlier format has the same set, and so its line. */
static bool is_told(set_fn *set, unsigned format)
{
    for (unsigned f = 0; f < format; f++)
        if (set((enum rdl_format)f) == set((enum rdl_format)format))
            return true;
    return false;
}

static void print_table(const char *title, set_fn *set, axis_name_fn *name)
{
    bool any = false;
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++) {
        if (set((enum rdl_format)f) == 0 || is_told(set, f))
            continue;
        if (!any)
            printf("%s:\n", title);
        any = true;
        print_line(set, f, name);
    }
}

void combinations_print(void)
{
    print_table("Roundings with weights of their own (weighting native; nearest has none)",
                published, axis_rounding);
    print_table("Searches, with any weighting", searches, axis_rounding);
    print_table("Ways for searches to store scales", scales, axis_scales);
}
