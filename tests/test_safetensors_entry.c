/* The entries of tensors in safetensors headers: right ones, and every kind of wrong one. */
#include "safetensors_file.h"
#include "suite.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

/* The members of one tensor's object. */
#define ENTRY(text)        TEXT("{\"t\":{" text "}}")
#define SHAPE(text)        ENTRY("\"dtype\":\"F32\",\"shape\":" text ",\"data_offsets\":[0,24]")
#define OFFSETS(text)      ENTRY("\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":" text)
#define DTYPE(text, shape) ENTRY("\"dtype\":" text ",\"shape\":" shape ",\"data_offsets\":[0,24]")
#define ONES8              "1,1,1,1,1,1,1,1,"

static const struct header_case entry_cases[] = {
    {"other order", ENTRY("\"data_offsets\":[0,24],\"shape\":[6],\"dtype\":\"F32\""), 24, NULL},
    {"escaped members",
     ENTRY("\"dtyp\\u0065\":\"F32\",\"shap\\u0065\":[6],\"data_offsets\":[0,24]"), 24, NULL},
    {"unknown members",
     ENTRY("\"x\":-1.5,\"dtype\":\"F32\",\"y\":[-0],\"shape\":[6],\"z\":null,"
           "\"data_offsets\":[0,24]"),
     24, NULL},
    {"unknown member, bad",
     ENTRY("\"x\":nul,\"dtype\":\"F32\",\"shape\":[6],"
           "\"data_offsets\":[0,24]"),
     24, "JSON"},
    {"duplicate member",
     ENTRY("\"dtype\":\"F32\",\"shape\":[6],\"dtype\":\"F32\","
           "\"data_offsets\":[0,24]"),
     24, "duplicate"},
    {"duplicate by escape",
     ENTRY("\"dtype\":\"F32\",\"shape\":[6],\"\\u0064type\":\"F32\","
           "\"data_offsets\":[0,24]"),
     24, "duplicate"},
    {"no dtype", ENTRY("\"shape\":[6],\"data_offsets\":[0,24]"), 24, "dtype is missing"},
    {"no shape", ENTRY("\"dtype\":\"F32\",\"data_offsets\":[0,24]"), 24, "shape is missing"},
    {"no offsets", ENTRY("\"dtype\":\"F32\",\"shape\":[6]"), 24, "data_offsets is missing"},

    {"unknown dtype", DTYPE("\"F31\"", "[6]"), 24, "unknown dtype 'F31'"},
    {"lower case", DTYPE("\"f32\"", "[6]"), 24, "unknown dtype 'f32'"},
    {"empty dtype", DTYPE("\"\"", "[6]"), 24, "unknown dtype ''"},
    {"dtype a number", DTYPE("32", "[6]"), 24, "dtype"},
    {"unknown dtype, no data", ENTRY("\"dtype\":\"Q\",\"shape\":[0],\"data_offsets\":[0,0]"), 0,
     "unknown dtype 'Q'"},
    {"F64", DTYPE("\"F64\"", "[3]"), 24, NULL},
    {"F16", DTYPE("\"F16\"", "[3,4]"), 24, NULL},
    {"BF16", DTYPE("\"BF16\"", "[12]"), 24, NULL},
    {"I64", DTYPE("\"I64\"", "[3]"), 24, NULL},
    {"C64", DTYPE("\"C64\"", "[3]"), 24, NULL},
    {"BOOL", DTYPE("\"BOOL\"", "[24]"), 24, NULL},
    {"F8_E4M3", DTYPE("\"F8_E4M3\"", "[24]"), 24, NULL},
    {"F8_E5M2FNUZ", DTYPE("\"F8_E5M2FNUZ\"", "[24]"), 24, NULL},
    {"F6_E2M3", DTYPE("\"F6_E2M3\"", "[32]"), 24, NULL},
    {"F4", DTYPE("\"F4\"", "[48]"), 24, NULL},
    {"F4, odd", DTYPE("\"F4\"", "[47]"), 24, "whole number of bytes"},
    {"F6, odd", DTYPE("\"F6_E3M2\"", "[31]"), 24, "whole number of bytes"},

    {"scalar", ENTRY("\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]"), 4, NULL},
    {"no elements", ENTRY("\"dtype\":\"F32\",\"shape\":[3,0,2],\"data_offsets\":[0,0]"), 0, NULL},
    {"a string", SHAPE("\"6\""), 24, "shape"},
    {"a number", SHAPE("6"), 24, "shape"},
    {"an object", SHAPE("{}"), 24, "shape"},
    {"of strings", SHAPE("[\"6\"]"), 24, "shape"},
    {"of floats", SHAPE("[6.0]"), 24, "integers"},
    {"with an exponent", SHAPE("[6e0]"), 24, "integers"},
    {"negative", SHAPE("[-6]"), 24, "integers"},
    {"two negatives", SHAPE("[-2,-3]"), 24, "integers"},
    {"minus zero", ENTRY("\"dtype\":\"F32\",\"shape\":[-0],\"data_offsets\":[0,0]"), 0, "integers"},
    {"leading zero", SHAPE("[06]"), 24, "JSON"},
    {"true", SHAPE("[true,6]"), 24, "integers"},
    {"nested", SHAPE("[[6]]"), 24, "too deeply"},
    {"2^63", SHAPE("[9223372036854775808]"), 24, "integer"},
    {"2^64", SHAPE("[18446744073709551616]"), 24, "integer"},
    {"2^64 + 6", SHAPE("[18446744073709551622]"), 24, "integer"},
    {"2^53 + 1 is exact", SHAPE("[9007199254740993]"), 24, "need 36028797018963972"},
    {"product wraps to 0", SHAPE("[4294967296,4294967296]"), 24, "product"},
    {"product wraps to 6", SHAPE("[3,6148914691236517206]"), 24, "product"},
    {"bits wrap", SHAPE("[2305843009213693958]"), 24, "overflows"},
    {"overflow hidden by zero",
     ENTRY("\"dtype\":\"F32\",\"shape\":[0,4294967296,4294967296],"
           "\"data_offsets\":[0,0]"),
     0, "product"},
    {"32 dimensions", SHAPE("[" ONES8 ONES8 ONES8 "1,1,1,1,1,1,1,6]"), 24, NULL},
    {"33 dimensions", SHAPE("[" ONES8 ONES8 ONES8 ONES8 "6]"), 24, "33 entries"},
    {"too small", SHAPE("[5]"), 24, "need 20"},
    {"too large", SHAPE("[7]"), 24, "need 28"},

    {"offsets: one", OFFSETS("[24]"), 24, "data_offsets"},
    {"offsets: three", OFFSETS("[0,24,24]"), 24, "data_offsets"},
    {"offsets: none", OFFSETS("[]"), 24, "data_offsets"},
    {"offsets: a number", OFFSETS("24"), 24, "data_offsets"},
    {"offsets: reversed", OFFSETS("[24,0]"), 24, "do not lie in"},
    {"offsets: negative", OFFSETS("[-24,0]"), 24, "data_offsets"},
    {"offsets: floats", OFFSETS("[0.0,24.0]"), 24, "data_offsets"},
    {"offsets: 2^64 - 1", OFFSETS("[0,18446744073709551615]"), 24, "too big integer"},
    {"offsets: 2^63 - 1", OFFSETS("[0,9223372036854775807]"), 24, "do not lie in"},
    {"offsets: behind the data", OFFSETS("[1,25]"), 24, "do not lie in"},
    {"offsets: hole before", OFFSETS("[1,25]"), 25, "1 bytes before it"},
    {"offsets: data too short", OFFSETS("[0,24]"), 23, "do not lie in"},
    {"offsets: data too long", OFFSETS("[0,24]"), 25, "1 bytes follow"},
};

START_TEST(header_entries)
{
    check_header(&entry_cases[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("safetensors_entry");
    TCase *all = tcase_create("entries");
    tcase_set_timeout(all, 0);
    tcase_add_checked_fixture(all, count_jansson, NULL);
    tcase_add_loop_test(all, header_entries, 0, COUNT(entry_cases));
    suite_add_tcase(suite, all);

    return suite_run(suite);
}
