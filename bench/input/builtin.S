/*
 * The built-in files, byte for byte, in read-only data. Each is EMBEDded between name and its size
 * in bytes, name_size; builtin.c declares both. The build passes the paths.
 */
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

    .section .rodata.builtin, "a", %progbits
    EMBED(builtin_tinylm_model, ROUNDEL_TINYLM_MODEL)
    EMBED(builtin_tinylm_imatrix, ROUNDEL_TINYLM_IMATRIX)
    EMBED(builtin_bronte_text, ROUNDEL_BRONTE_TEXT)

    /* Without this note the linker would make the program's stack executable. */
    .section .note.GNU-stack, "", %progbits
