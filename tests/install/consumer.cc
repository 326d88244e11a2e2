// A C++ program on the installed library: the header compiles and its functions link.
#include <roundel.h>

#include <iostream>

int main()
{
    const auto *info = rdl_format_info(RDL_Q4_K);
    if (info == nullptr ||
        rdl_blocks_size(RDL_Q4_K, 2, 256) != std::size_t{2} * info->block_bytes) {
        std::cerr << "wrong size of blocks\n";
        return 1;
    }
    std::cout << info->name << "\n";
    return 0;
}
