#include "imatrix_write.h"

#include <string.h>

static bool ends_with(const char *text, const char *ending)
{
    const size_t length = strlen(text), tail = strlen(ending);
    return length > tail && strcmp(text + length - tail, ending) == 0;
}

bool imatrix_format_of_path(const char *path, enum imatrix_format *format, struct error *error)
{
    char shown[256];
    *format = ends_with(path, ".gguf") ? IMATRIX_GGUF : IMATRIX_DAT;
    return *format == IMATRIX_GGUF || ends_with(path, ".dat") ||
           fail(error, "'%s' ends neither in .dat nor in .gguf, which says what to write",
                escape(shown, sizeof shown, path, strlen(path)));
}

bool imatrix_write(const struct imatrix_sums *sums, FILE *file, struct error *error)
{
    return sums->format == IMATRIX_DAT ? imatrix_write_dat(sums, file, error)
                                       : imatrix_write_gguf(sums, file, error);
}
