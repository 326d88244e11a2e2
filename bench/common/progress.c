#include "progress.h"

#include "error.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    BAR = 24,
    LINE = 79
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void progress_start(struct progress *progress, uint64_t total)
{
    const double now = seconds();
    *progress = (struct progress){
        .shown = isatty(STDERR_FILENO) != 0,
        .total = total ? total : 1,
        .started = now,
        .last = now,
    };
}

static void draw(const struct progress *progress, double now, const char *what)
{
    const double share = (double)progress->done / (double)progress->total;
    const int filled = (int)(share * BAR);
    const double left = share > 0.0 ? (now - progress->started) * (1.0 - share) / share : 0.0;
    char bar[BAR + 1], name[96], line[256];
    memset(bar, '.', BAR);
    memset(bar, '#', (size_t)(filled > BAR ? BAR : filled));
    bar[BAR] = '\0';
    escape(name, sizeof name, what, strlen(what));
    snprintf(line, sizeof line, "[%s] %3.0f %%  %4.0f s left  %s", bar, 100.0 * share, left, name);
    fprintf(stderr, "\r%-*.*s", LINE, LINE, line);
    fflush(stderr);
}

void progress_add(struct progress *progress, uint64_t work, const char *what)
{
    progress->done += work;
    if (!progress->shown)
        return;
    const double now = seconds();
    if (now - progress->last < 0.1)
        return;
    progress->last = now;
    draw(progress, now, what);
}

void progress_end(struct progress *progress)
{
    if (progress->shown)
        fprintf(stderr, "\r%*s\r", LINE, "");
    progress->shown = false;
}
