/* The built-in files, in read-only data; builtin.c declares them. The build passes the paths. */
#include "embed.h"

    .section .rodata.builtin, "a", %progbits
    EMBED(builtin_tinylm_model, ROUNDEL_TINYLM_MODEL)
    EMBED(builtin_tinylm_imatrix, ROUNDEL_TINYLM_IMATRIX)
    EMBED(builtin_bronte_text, ROUNDEL_BRONTE_TEXT)

    EMBED_END
