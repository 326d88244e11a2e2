// A C++ program on the installed library: the headers compile and their functions link.
#include <roundel.h>
#include <roundel_block.h>

#include <iostream>

// Three weights that are multiples of 0.25 are codes of that scale.
static bool block_is_solved()
{
    const float x[] = {0.25F, -1.75F, 1.0F};
    const rdl_block block = {3, x, nullptr, {RDL_BLOCK_SIGNED, 16, -8, nullptr}};
    unsigned char codes[3];
    rdl_block_fit fit;
    return rdl_block_solve(RDL_SOLVE_CUMULATIVE, &block, nullptr, nullptr, codes, &fit) == RDL_OK &&
           fit.error == 0.0;
}

int main()
{
    const auto *info = rdl_format_info(RDL_Q4_K);
    if (info == nullptr ||
        rdl_blocks_size(RDL_Q4_K, 2, 256) != std::size_t{2} * info->block_bytes) {
        std::cerr << "wrong size of blocks\n";
        return 1;
    }
    if (!block_is_solved()) {
        std::cerr << "a block without error was not found\n";
        return 1;
    }
    std::cout << info->name << "\n";
    return 0;
}
