/* Cores, caches and pinning (topology.c), on made-up machines and on this one. */
#include "binding.h"
#include "suite.h"
#include "topology.h"

#include <check.h>
#include <stdlib.h>

static struct topology topology;
static struct error error;

/* hwloc makes the machine up. */
static void open_synthetic(const char *description)
{
    ck_assert_int_eq(setenv("HWLOC_SYNTHETIC", description, 1), 0);
    ck_assert_msg(topology_open(&topology, &error), "%s", error.text);
}

static void open_this_machine(void)
{
    ck_assert_int_eq(unsetenv("HWLOC_SYNTHETIC"), 0);
    ck_assert_msg(topology_open(&topology, &error), "%s", error.text);
}

static void close_topology(void)
{
    topology_close(&topology);
}

static void check_cache(unsigned i, unsigned level, uint64_t size, unsigned count,
                        unsigned shared_by)
{
    ck_assert_uint_lt(i, topology.ncaches);
    const struct cache_group *cache = &topology.caches[i];
    ck_assert_uint_eq(cache->level, level);
    ck_assert_uint_eq(cache->size, size);
    ck_assert_uint_eq(cache->line, 64);
    ck_assert_uint_eq(cache->count, count);
    ck_assert_uint_eq(cache->shared_by, shared_by);
}

/* The instruction caches do not count. */
START_TEST(a_server_is_described)
{
    open_synthetic("pack:2 numa:1 l3:2(size=33554432) l2:2(size=1048576) l1d:1(size=49152) "
                   "l1i:1(size=32768) core:1 pu:2");
    ck_assert_uint_eq(topology.packages, 2);
    ck_assert_uint_eq(topology.numa_nodes, 2);
    ck_assert_uint_eq(topology.cores, 8);
    ck_assert_uint_eq(topology.threads, 16);
    ck_assert_uint_gt(topology.memory, 0);
    ck_assert_uint_eq(topology.ncaches, 3);
    check_cache(0, 1, 49152, 8, 2);
    check_cache(1, 2, 1048576, 8, 2);
    check_cache(2, 3, 33554432, 4, 4);
    for (unsigned core = 0; core < topology.cores; core++) {
        ck_assert_uint_eq(topology_cache_size(&topology, core, 1), 49152);
        ck_assert_uint_eq(topology_cache_size(&topology, core, 2), 1048576);
        ck_assert_uint_eq(topology_cache_size(&topology, core, 3), 33554432);
        ck_assert_uint_eq(topology_cache_size(&topology, core, 4), 0);
    }
}
END_TEST

START_TEST(a_machine_without_cores_and_caches_has_threads_for_cores)
{
    open_synthetic("pu:3");
    ck_assert_uint_eq(topology.packages, 1);
    ck_assert_uint_eq(topology.numa_nodes, 1);
    ck_assert_uint_eq(topology.cores, 3);
    ck_assert_uint_eq(topology.threads, 3);
    ck_assert_uint_eq(topology.ncaches, 0);
    ck_assert_uint_eq(topology_cache_size(&topology, 2, 1), 0);
    ck_assert_str_eq(topology.cpu_model, "unknown");
    ck_assert_uint_eq(topology_slot(&topology, 2), 2);
    ck_assert_uint_eq(topology_slot(&topology, 3), 0);
}
END_TEST

START_TEST(slots_take_cores_before_second_threads)
{
    static const unsigned expected[] = {0, 2, 4, 1, 3, 5, 0, 2};
    open_synthetic("pack:1 core:3 pu:2");
    for (unsigned slot = 0; slot < sizeof expected / sizeof expected[0]; slot++)
        ck_assert_uint_eq(topology_slot(&topology, slot), expected[slot]);
}
END_TEST

START_TEST(this_machine_adds_up)
{
    open_this_machine();
    ck_assert_uint_ge(topology.packages, 1);
    ck_assert_uint_ge(topology.cores, topology.packages);
    ck_assert_uint_ge(topology.threads, topology.cores);
    for (unsigned i = 0; i < topology.ncaches; i++)
        ck_assert_uint_le(topology.caches[i].count * topology.caches[i].shared_by,
                          topology.threads);
}
END_TEST

START_TEST(a_thread_is_pinned_to_its_slot)
{
    open_this_machine();
    for (unsigned slot = 0; slot < topology.threads + 1; slot++) {
        ck_assert_msg(topology_pin_thread(&topology, slot, &error), "%s", error.text);
        ck_assert_uint_eq(binding(&topology), topology_slot(&topology, slot));
    }
}
END_TEST

START_TEST(a_pinned_process_counts_what_it_may_use)
{
    open_this_machine();
    const unsigned last = topology.cores - 1;
    const unsigned thread = topology_slot(&topology, last);
    ck_assert_msg(topology_pin_thread(&topology, last, &error), "%s", error.text);
    topology_close(&topology);
    open_this_machine();
    ck_assert_uint_eq(topology.cores, 1);
    ck_assert_uint_eq(topology.threads, 1);
    ck_assert_uint_eq(topology_slot(&topology, 0), thread);
    for (unsigned i = 0; i < topology.ncaches; i++)
        ck_assert_uint_eq(topology.caches[i].count, 1);
}
END_TEST

int main(void)
{
    TCase *synthetic = tcase_create("synthetic");
    tcase_set_timeout(synthetic, 0);
    tcase_add_checked_fixture(synthetic, NULL, close_topology);
    tcase_add_test(synthetic, a_server_is_described);
    tcase_add_test(synthetic, a_machine_without_cores_and_caches_has_threads_for_cores);
    tcase_add_test(synthetic, slots_take_cores_before_second_threads);

    TCase *real = tcase_create("this machine");
    tcase_set_timeout(real, 0);
    tcase_add_checked_fixture(real, NULL, close_topology);
    tcase_add_test(real, this_machine_adds_up);
    tcase_add_test(real, a_thread_is_pinned_to_its_slot);
    tcase_add_test(real, a_pinned_process_counts_what_it_may_use);

    Suite *suite = suite_create("topology");
    suite_add_tcase(suite, synthetic);
    suite_add_tcase(suite, real);
    return suite_run(suite);
}
