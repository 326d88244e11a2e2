/* What a panorama page is made of, in read-only data; viewer.c declares it. The build passes the
 * paths. */
#include "embed.h"

    .section .rodata.viewer, "a", %progbits
    EMBED(viewer_page, ROUNDEL_VIEWER_PAGE)
    EMBED(viewer_css, ROUNDEL_VIEWER_CSS)
    EMBED(viewer_js, ROUNDEL_VIEWER_JS)
    EMBED(viewer_pannellum_css, ROUNDEL_PANNELLUM_CSS)
    EMBED(viewer_pannellum_js, ROUNDEL_PANNELLUM_JS)
    EMBED(viewer_pannellum_licence, ROUNDEL_PANNELLUM_LICENCE)

    EMBED_END
