/*
 * Where the exact search of a scale looks first: inverse scales for weights whose largest magnitude
 * is 1, ascending. Any list is correct; on these, few gaps are left of gaussian and Laplace blocks
 * of 32 weights (16 for the grids of 3 and 6 bits) with the usual factors. They were chosen
 * greedily: the next point is the largest that leaves a gap before it in at most a fixed share of
 * the blocks (table .06, 3 bits .10, 4 bits .15, 5 and 6 bits .20), where both signs of the scale
 * count as blocks.
 */
#ifndef RDL_EXACT_SCALE_POINTS_H
#define RDL_EXACT_SCALE_POINTS_H

static const float rdl_exact_points_iq4_nl[] = {
    8.51f,   18.00f,  26.90f,  35.00f,  44.00f,  52.68f,  61.36f,  70.48f,
    79.30f,  87.98f,  96.28f,  103.90f, 108.32f, 111.36f, 113.70f, 116.90f,
    121.02f, 123.56f, 124.42f, 125.28f, 126.16f, 127.03f, 127.92f, 128.81f,
    129.70f, 131.51f, 134.27f, 139.98f, 157.48f, 213.62f, 508.00f};

/* [-4, 3] */
static const float rdl_exact_points_3_bits[] = {1.79f, 2.52f, 3.02f, 3.20f, 3.56f, 3.88f, 3.99f,
                                                4.06f, 4.11f, 4.20f, 4.37f, 4.95f, 9.06f};

/* [-8, 7] */
static const float rdl_exact_points_4_bits[] = {3.82f, 4.56f, 5.29f, 5.86f,  6.46f,
                                                6.95f, 7.22f, 7.62f, 7.94f,  8.07f,
                                                8.22f, 8.49f, 9.13f, 11.36f, 31.00f};

/* [-16, 15] */
static const float rdl_exact_points_5_bits[] = {
    7.93f,  8.70f,  9.51f,  10.30f, 10.94f, 11.59f, 12.29f, 12.84f, 13.44f, 13.99f,
    14.50f, 14.97f, 15.27f, 15.74f, 16.09f, 16.58f, 17.81f, 21.71f, 46.39f};

/* [-32, 31] */
static const float rdl_exact_points_6_bits[] = {
    15.77f, 16.50f, 17.32f, 17.96f, 18.62f, 19.42f, 20.08f, 20.70f, 21.46f, 22.12f, 22.66f,
    23.35f, 23.93f, 24.51f, 25.19f, 25.73f, 26.36f, 26.84f, 27.41f, 27.91f, 28.51f, 29.03f,
    29.56f, 30.01f, 30.47f, 30.93f, 31.31f, 31.79f, 32.27f, 33.36f, 37.19f, 55.26f};

#endif
