#include "llama_forward.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Workspace
 */

static void fill_rotations(struct llama_workspace *space)
{
    const uint32_t half = space->shape->head_size / 2;
    for (uint32_t i = 0; i < half; i++) {
        const double step = pow(space->shape->rope_base, -(double)i / (double)half);
        for (uint32_t p = 0; p < space->tokens; p++) {
            space->cosine[(size_t)p * half + i] = (float)cos((double)p * step);
            space->sine[(size_t)p * half + i] = (float)sin((double)p * step);
        }
    }
}

bool llama_workspace_open(struct llama_workspace *space, const struct llama_model *model,
                          uint32_t tokens, struct error *error)
{
    const struct llama_shape *s = &model->shape;
    const size_t kv = (size_t)s->kv_heads * s->head_size;
    *space = (struct llama_workspace){.shape = s, .tokens = tokens};
    const struct {
        float **array;
        size_t columns;
    } arrays[] = {
        {&space->stream, s->width},
        {&space->normed, s->width},
        {&space->q, s->width},
        {&space->k, kv},
        {&space->v, kv},
        {&space->heads, s->width},
        {&space->scores, tokens},
        {&space->gate, s->feed_forward},
        {&space->up, s->feed_forward},
        {&space->cosine, s->head_size / 2},
        {&space->sine, s->head_size / 2},
    };
    bool good = true;
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        /* Both factors are below 2^31. */
        const size_t numel = (size_t)tokens * arrays[i].columns;
        *arrays[i].array = numel <= SIZE_MAX / sizeof(float) ? malloc(numel * sizeof(float)) : NULL;
        good = good && *arrays[i].array;
    }
    if (!good) {
        llama_workspace_close(space);
        return fail(error, "no memory to run chunks of %lu tokens", (unsigned long)tokens);
    }
    /* Chunks run side by side; a product that is shared out would not have the same digits. */
#pragma omp critical(llama_blas)
    openblas_set_num_threads(1);
    fill_rotations(space);
    return true;
}

void llama_workspace_close(struct llama_workspace *space)
{
    free(space->stream);
    free(space->normed);
    free(space->q);
    free(space->k);
    free(space->v);
    free(space->heads);
    free(space->scores);
    free(space->gate);
    free(space->up);
    free(space->cosine);
    free(space->sine);
    *space = (struct llama_workspace){0};
}

/* ------------------------------------------------------------------------------------------------
 * Parts
 */

/* One pass over a chunk. */
struct pass {
    const struct llama_model *model;
    float *const *values;
    const struct llama_chunk *chunk;
    struct llama_workspace *space;
    llama_inputs_fn *inputs;
    void *context;
};

/* y = W x for each of `nrows` vectors; with `add`, y += W x. */
static void multiply(const struct pass *pass, size_t index, const float *x, size_t nrows, float *y,
                     bool add)
{
    const struct tensor *own = pass->model->tensors[index];
    const struct tensor *tensor = own ? own : pass->model->tensors[LLAMA_TOKEN_EMBD];
    const size_t in = tensor->ncols, out = tensor->nrows;
    if (pass->inputs)
        pass->inputs(pass->context, tensor, x, nrows, in);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)nrows, (blasint)out, (blasint)in,
                1.0f, x, (blasint)in, pass->values[index], (blasint)in, add ? 1.0f : 0.0f, y,
                (blasint)out);
}

static void normalise(const struct pass *pass, size_t index, const float *x, size_t nrows, float *y)
{
    const struct llama_shape *s = &pass->model->shape;
    const float *gain = pass->values[index];
    for (size_t r = 0; r < nrows; r++, x += s->width, y += s->width) {
        double sum = 0.0;
        for (uint32_t i = 0; i < s->width; i++)
            sum += (double)x[i] * (double)x[i];
        const float factor = (float)(1.0 / sqrt(sum / (double)s->width + (double)s->epsilon));
        for (uint32_t i = 0; i < s->width; i++)
            y[i] = x[i] * factor * gain[i];
    }
}

/* Rotates neighbouring pairs of every head by the token's position. */
static void rotate(const struct pass *pass, float *x, uint32_t nheads)
{
    const uint32_t half = pass->model->shape.head_size / 2;
    for (uint32_t p = 0; p < pass->chunk->count; p++) {
        const float *c = pass->space->cosine + (size_t)p * half;
        const float *s = pass->space->sine + (size_t)p * half;
        for (uint32_t head = 0; head < nheads; head++, x += 2 * (size_t)half)
            for (uint32_t i = 0; i < half; i++) {
                const float a = x[2 * i], b = x[2 * i + 1];
                x[2 * i] = a * c[i] - b * s[i];
                x[2 * i + 1] = a * s[i] + b * c[i];
            }
    }
}

/* Softmax of a row over the tokens up to its own; 0 for later ones. */
static void softmax_causal(float *scores, uint32_t own, uint32_t count)
{
    float max = scores[0];
    for (uint32_t r = 1; r <= own; r++)
        max = scores[r] > max ? scores[r] : max;
    double sum = 0.0;
    for (uint32_t r = 0; r <= own; r++) {
        scores[r] = expf(scores[r] - max);
        sum += (double)scores[r];
    }
    const float factor = (float)(1.0 / sum);
    for (uint32_t r = 0; r <= own; r++)
        scores[r] *= factor;
    memset(scores + own + 1, 0, (count - own - 1) * sizeof *scores);
}

static void attend_head(const struct pass *pass, uint32_t head)
{
    const struct llama_shape *s = &pass->model->shape;
    struct llama_workspace *space = pass->space;
    const size_t shared = (size_t)(head / (s->heads / s->kv_heads)) * s->head_size;
    const size_t own = (size_t)head * s->head_size;
    const blasint n = (blasint)pass->chunk->count, size = (blasint)s->head_size;
    const blasint width = (blasint)s->width, kv = (blasint)(s->kv_heads * s->head_size);
    const float scale = (float)(1.0 / sqrt((double)s->head_size));
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, n, size, scale, space->q + own, width,
                space->k + shared, kv, 0.0f, space->scores, n);
    for (uint32_t p = 0; p < pass->chunk->count; p++)
        softmax_causal(space->scores + (size_t)p * pass->chunk->count, p, pass->chunk->count);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, size, n, 1.0f, space->scores, n,
                space->v + shared, kv, 0.0f, space->heads + own, width);
}

static void attend(const struct pass *pass, uint32_t layer)
{
    const struct llama_shape *s = &pass->model->shape;
    struct llama_workspace *space = pass->space;
    const size_t n = pass->chunk->count;
    normalise(pass, llama_index(layer, LLAMA_ATTN_NORM), space->stream, n, space->normed);
    multiply(pass, llama_index(layer, LLAMA_ATTN_Q), space->normed, n, space->q, false);
    multiply(pass, llama_index(layer, LLAMA_ATTN_K), space->normed, n, space->k, false);
    multiply(pass, llama_index(layer, LLAMA_ATTN_V), space->normed, n, space->v, false);
    rotate(pass, space->q, s->heads);
    rotate(pass, space->k, s->kv_heads);
    for (uint32_t head = 0; head < s->heads; head++)
        attend_head(pass, head);
    multiply(pass, llama_index(layer, LLAMA_ATTN_OUTPUT), space->heads, n, space->stream, true);
}

static void feed_forward(const struct pass *pass, uint32_t layer)
{
    struct llama_workspace *space = pass->space;
    const size_t n = pass->chunk->count, numel = n * pass->model->shape.feed_forward;
    normalise(pass, llama_index(layer, LLAMA_FFN_NORM), space->stream, n, space->normed);
    multiply(pass, llama_index(layer, LLAMA_FFN_GATE), space->normed, n, space->gate, false);
    multiply(pass, llama_index(layer, LLAMA_FFN_UP), space->normed, n, space->up, false);
    for (size_t i = 0; i < numel; i++)
        space->up[i] *= space->gate[i] / (1.0f + expf(-space->gate[i]));
    multiply(pass, llama_index(layer, LLAMA_FFN_DOWN), space->up, n, space->stream, true);
}

/* ------------------------------------------------------------------------------------------------
 * The whole
 */

void llama_forward(const struct llama_model *model, float *const *values,
                   const struct llama_chunk *chunk, struct llama_workspace *space, float *logits,
                   llama_inputs_fn *inputs, void *context)
{
    const struct pass pass = {model, values, chunk, space, inputs, context};
    const size_t width = model->shape.width;
    for (uint32_t p = 0; p < chunk->count; p++)
        memcpy(space->stream + p * width,
               values[LLAMA_TOKEN_EMBD] + (size_t)chunk->tokens[p] * width, width * sizeof(float));
    for (uint32_t layer = 0; layer < model->shape.layers; layer++) {
        attend(&pass, layer);
        feed_forward(&pass, layer);
    }
    normalise(&pass, LLAMA_OUTPUT_NORM, space->stream + chunk->first * width, chunk->nrows,
              space->normed);
    multiply(&pass, LLAMA_OUTPUT, space->normed, chunk->nrows, logits, false);
}
