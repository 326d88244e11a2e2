/*
 * The chart of asymmetry: blocks are scaled so that the value of the greatest magnitude is -1; how
 * large is the other extremum on the average? A curve over the lengths of blocks for each law.
 */
#include "asymmetry_laws.h"

#include <stdio.h>

static bool add_law(struct curves *curves, const json_t *json, const char *law,
                    const struct plot_request *request, struct error *error)
{
    (void)request;
    const json_t *lengths = json_object_get(json, "n"), *values = json_object_get(json, "value");
    const size_t count = json_array_size(lengths);
    if (count == 0 || count > ASYMMETRY_MOST_LENGTH || json_array_size(values) != count)
        return fail(error, "\"n\" and \"value\" are no arrays of as many numbers");
    struct curve *curve = curves_add(curves, law, count, error);
    for (size_t i = 0; i < count && curve; i++) {
        curve->x[i] = json_number_value(json_array_get(lengths, i));
        curve->y[i] = json_number_value(json_array_get(values, i));
        if (!(curve->x[i] >= 1 && curve->x[i] <= 1e9) ||
            (i > 0 && !(curve->x[i] > curve->x[i - 1])))
            return fail(error, "\"n\" does not ascend from 1 (number %zu)", i);
        if (!json_is_number(json_array_get(values, i)) || curve->y[i] < -1 || curve->y[i] > 1)
            return fail(error, "\"value\" has no number from -1 to 1 (number %zu)", i);
        curve->count++;
    }
    return curve;
}

static bool read(void *subject, const struct plot_request *request, struct error *error)
{
    struct curves *curves = subject;
    curves->title = "Asymmetry of scaled blocks";
    curves->x_title = "length of the block";
    curves->y_title = "mean of the other extremum";
    curves->remark = "";
    curves->x_kind = AXIS_LOG2;
    curves->marks = true;
    snprintf(curves->below, sizeof curves->below,
             "the extremum of greater magnitude scaled to -1; 1 would be a symmetric block");
    return asymmetry_laws_read(curves, request, add_law, error);
}

static double draw(cairo_t *cairo, double width, const void *subject)
{
    return curves_draw(cairo, width, subject);
}

static void release(void *subject)
{
    curves_free(subject);
}

const struct plot_kind plot_asymmetry = {
    .name = "asymmetry",
    .help = "the mean other extremum of scaled blocks by their length, a curve for each law, of\n"
            "a report that project --asymmetry wrote with --json. --law chooses.",
    .example = "roundel project --asymmetry --json a.json\n"
               "         roundel plot a.json --kind asymmetry -o a.pdf\n",
    .options = 1u << PLOT_LAW,
    .subject_size = sizeof(struct curves),
    .read = read,
    .draw = draw,
    .release = release,
};
