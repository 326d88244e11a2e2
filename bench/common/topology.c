#include "topology.h"

#include <errno.h>
#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Some virtual machines and containers show hardware threads without cores. */
static hwloc_obj_type_t core_type(hwloc_topology_t handle)
{
    return hwloc_get_nbobjs_by_type(handle, HWLOC_OBJ_CORE) > 0 ? HWLOC_OBJ_CORE : HWLOC_OBJ_PU;
}

static unsigned count_of(hwloc_topology_t handle, hwloc_obj_type_t type, unsigned least)
{
    const int count = hwloc_get_nbobjs_by_type(handle, type);
    return count > (int)least ? (unsigned)count : least;
}

static hwloc_obj_t core_object(const struct topology *topology, unsigned core)
{
    return hwloc_get_obj_by_type(topology->handle, core_type(topology->handle), core);
}

/* x86 tells a name; elsewhere numbers of implementer and part are all there is. */
static void read_cpu_model(struct topology *topology)
{
    snprintf(topology->cpu_model, sizeof topology->cpu_model, "unknown");
    hwloc_obj_t object = hwloc_get_obj_by_type(topology->handle, HWLOC_OBJ_PACKAGE, 0);
    if (!object)
        object = hwloc_get_root_obj(topology->handle);
    const char *model = hwloc_obj_get_info_by_name(object, "CPUModel");
    const char *implementer = hwloc_obj_get_info_by_name(object, "CPUImplementer");
    const char *part = hwloc_obj_get_info_by_name(object, "CPUPart");
    if (model && *model)
        snprintf(topology->cpu_model, sizeof topology->cpu_model, "%s", model);
    else if (implementer && part)
        snprintf(topology->cpu_model, sizeof topology->cpu_model, "implementer %s part %s",
                 implementer, part);
}

static struct cache_group cache_of(hwloc_obj_t object)
{
    return (struct cache_group){
        .level = object->attr->cache.depth,
        .size = object->attr->cache.size,
        .line = object->attr->cache.linesize,
        .count = 1,
        .shared_by = (unsigned)hwloc_bitmap_weight(object->cpuset),
    };
}

static void add_cache(struct topology *topology, struct cache_group cache)
{
    for (unsigned i = 0; i < topology->ncaches; i++) {
        struct cache_group *group = &topology->caches[i];
        if (group->level == cache.level && group->size == cache.size && group->line == cache.line &&
            group->shared_by == cache.shared_by) {
            group->count++;
            return;
        }
    }
    if (topology->ncaches < TOPOLOGY_MAX_CACHES)
        topology->caches[topology->ncaches++] = cache;
}

static void read_caches(struct topology *topology)
{
    static const hwloc_obj_type_t levels[] = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE,
                                              HWLOC_OBJ_L3CACHE, HWLOC_OBJ_L4CACHE,
                                              HWLOC_OBJ_L5CACHE};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        hwloc_obj_t object = NULL;
        while ((object = hwloc_get_next_obj_by_type(topology->handle, levels[i], object)))
            add_cache(topology, cache_of(object));
    }
}

/*
 * Drops what the calling thread may not use. Where the system does not tell, all of it stays; so
 * does a topology that is not this machine's (HWLOC_SYNTHETIC, HWLOC_XMLFILE).
 */
static void restrict_to_binding(hwloc_topology_t handle)
{
    hwloc_bitmap_t allowed = hwloc_bitmap_alloc();
    if (allowed && hwloc_topology_is_thissystem(handle) &&
        hwloc_get_cpubind(handle, allowed, HWLOC_CPUBIND_THREAD) == 0)
        hwloc_topology_restrict(handle, allowed, 0);
    hwloc_bitmap_free(allowed);
}

bool topology_open(struct topology *topology, struct error *error)
{
    *topology = (struct topology){0};
    /* hwloc prints complaints about an unusual machine (no /sys in a container) to stderr. */
    setenv("HWLOC_HIDE_ERRORS", "2", 0);
    if (hwloc_topology_init(&topology->handle) != 0)
        return fail(error, "hwloc: out of memory");
    if (hwloc_topology_load(topology->handle) != 0) {
        const int reason = errno;
        topology_close(topology);
        return fail(error, "hwloc cannot read the machine's topology: %s", strerror(reason));
    }
    restrict_to_binding(topology->handle);
    topology->packages = count_of(topology->handle, HWLOC_OBJ_PACKAGE, 1);
    topology->numa_nodes = count_of(topology->handle, HWLOC_OBJ_NUMANODE, 1);
    topology->cores = count_of(topology->handle, core_type(topology->handle), 1);
    topology->threads = count_of(topology->handle, HWLOC_OBJ_PU, 1);
    topology->memory = hwloc_get_root_obj(topology->handle)->total_memory;
    read_cpu_model(topology);
    read_caches(topology);
    return true;
}

void topology_close(struct topology *topology)
{
    if (topology->handle)
        hwloc_topology_destroy(topology->handle);
    topology->handle = NULL;
}

uint64_t topology_cache_size(const struct topology *topology, unsigned core, unsigned level)
{
    for (hwloc_obj_t object = core_object(topology, core); object; object = object->parent)
        if (hwloc_obj_type_is_dcache(object->type) && object->attr->cache.depth == level)
            return object->attr->cache.size;
    return 0;
}

static hwloc_obj_t slot_object(const struct topology *topology, unsigned slot)
{
    const hwloc_obj_t core = core_object(topology, slot % topology->cores);
    const int nthreads =
        hwloc_get_nbobjs_inside_cpuset_by_type(topology->handle, core->cpuset, HWLOC_OBJ_PU);
    return hwloc_get_obj_inside_cpuset_by_type(topology->handle, core->cpuset, HWLOC_OBJ_PU,
                                               slot / topology->cores % (unsigned)nthreads);
}

unsigned topology_slot(const struct topology *topology, unsigned slot)
{
    return slot_object(topology, slot)->os_index;
}

unsigned topology_slot_from(const struct topology *topology, unsigned first, unsigned number)
{
    const unsigned cores = topology->cores;
    return number / cores * cores + (first + number) % cores;
}

bool topology_pin_thread(const struct topology *topology, unsigned slot, struct error *error)
{
    const hwloc_obj_t thread = slot_object(topology, slot);
    if (hwloc_set_cpubind(topology->handle, thread->cpuset, HWLOC_CPUBIND_THREAD) != 0)
        return fail(error, "cannot bind a thread to core %u: %s", slot % topology->cores,
                    strerror(errno));
    return true;
}
