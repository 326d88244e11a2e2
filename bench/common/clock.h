/* Times in seconds, from an arbitrary beginning. */
#ifndef ROUNDEL_BENCH_CLOCK_H
#define ROUNDEL_BENCH_CLOCK_H

/* CPU time of the calling thread. */
double thread_seconds(void);

/* Real time; it never goes back. */
double real_seconds(void);

#endif
