#include "kld_paired.h"

struct two_lists {
    const struct kld_token *first, *second;
};

static double kld(const void *data, size_t index)
{
    const struct two_lists *lists = data;
    return lists->first[index].kld - lists->second[index].kld;
}

static double nll(const void *data, size_t index)
{
    const struct two_lists *lists = data;
    return (double)lists->first[index].nll - (double)lists->second[index].nll;
}

static double delta_p_squared(const void *data, size_t index)
{
    const struct two_lists *lists = data;
    const double first = (double)lists->first[index].delta_p;
    const double second = (double)lists->second[index].delta_p;
    return first * first - second * second;
}

static double same_top(const void *data, size_t index)
{
    const struct two_lists *lists = data;
    return (double)lists->first[index].same_top - (double)lists->second[index].same_top;
}

static struct paired_result kld_change(const struct two_lists *lists, size_t count)
{
    struct paired_sums sums = {0};
    for (size_t i = 0; i < count; i++)
        paired_add(&sums, &lists->first[i].kld, &lists->second[i].kld, 1);
    return paired_evaluate(&sums);
}

struct kld_paired kld_paired_of(const struct kld_tokens *first, const struct kld_tokens *second)
{
    const struct two_lists lists = {first->items, second->items};
    struct kld_series series = {
        .count = first->count, .per_chunk = first->per_chunk, .data = &lists};
    struct kld_paired paired = {.kld_change = kld_change(&lists, first->count)};
    const struct {
        double (*value)(const void *data, size_t index);
        struct kld_estimate *estimate;
    } differences[] = {
        {kld, &paired.kld},
        {nll, &paired.nll},
        {delta_p_squared, &paired.delta_p_squared},
        {same_top, &paired.same_top},
    };
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++) {
        series.value = differences[i].value;
        *differences[i].estimate = kld_mean(&series);
    }
    return paired;
}
