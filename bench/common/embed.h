/*
 * For assembler sources: EMBED(name, path) takes a file in byte for byte, into the section that is
 * set. In C it is `extern const unsigned char name[]; extern const uint64_t name_size;`.
 */
#ifndef ROUNDEL_BENCH_EMBED_H
#define ROUNDEL_BENCH_EMBED_H

/* For clang-format this would be C. */
/* clang-format off */
#define EMBED(name, path)                                                                          \
    .balign 64;                                                                                    \
    .global name;                                                                                  \
    .hidden name;                                                                                  \
    .type name, %object;                                                                           \
    name: .incbin path;                                                                            \
    name##_end: .size name, name##_end - name;                                                     \
    .balign 8;                                                                                     \
    .global name##_size;                                                                           \
    .hidden name##_size;                                                                           \
    .type name##_size, %object;                                                                    \
    .size name##_size, 8;                                                                          \
    name##_size: .quad name##_end - name

/* Without this note the linker would make the program's stack executable. */
#define EMBED_END .section .note.GNU-stack, "", %progbits
/* clang-format on */

#endif
