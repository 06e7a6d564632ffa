/* Read rows of text: a token, then `dimension` numbers, counted from the right.

   What cannot be read here with certainty is left to `read_row` in text.py, which
   defines what a row is: nothing here may accept what it refuses, or differ from it
   by a bit. Only the limited API is used, so that one wheel serves all Pythons. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *begin;
    Py_ssize_t length;
    int is_left;
} Token;

/* The powers of ten that a double represents exactly. */
static const double POWERS[] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};
enum { LAST_POWER = 22, MOST_DIGITS = 19 };

static int
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Compute digits * 10^exponent as float32(float64(...)) would be; return 0 if that is
   not certain.

   `digits` may lack digits after the 19th, a relative error below 1e-18. Then there
   are at most six roundings to double, each by 2^-53: the float64 nearest to the exact
   number is between `low` and `high`. If both have the same float32, so has it, as
   rounding is monotone. Otherwise, once in 10^8 numbers, the number is left. */
static int
scale(uint64_t digits, int64_t exponent, float *number)
{
    double value = (double)digits, margin;
    float low, high;

    if (digits == 0) {
        *number = 0;
        return 1;
    }
    /* Within these, no intermediate result is too large or small for a double. */
    if (exponent < -4 * LAST_POWER || exponent > 2 * LAST_POWER)
        return 0;
    for (; exponent < -LAST_POWER; exponent += LAST_POWER)
        value /= POWERS[LAST_POWER];
    for (; exponent > LAST_POWER; exponent -= LAST_POWER)
        value *= POWERS[LAST_POWER];
    value = exponent < 0 ? value / POWERS[-exponent] : value * POWERS[exponent];
    if (value > 3.4e38) /* nearly the largest float32 */
        return 0;
    margin = value * 1.8e-15; /* 16 * 2^-53 */
    low = (float)(value - margin);
    high = (float)(value + margin);
    *number = low;
    return low == high;
}

/* Return the first 19 digits of a number, without leading zeros; add to `exponent`
   what the point and the missing digits amount to. */
static uint64_t
shorten(const char *begin, const char *end, int64_t *exponent)
{
    uint64_t digits = 0;
    int kept = 0, is_fraction = 0;

    for (; begin < end; begin++) {
        if (*begin == '.') {
            is_fraction = 1;
        } else if (kept < MOST_DIGITS) {
            digits = 10 * digits + (uint64_t)(*begin - '0');
            kept += digits > 0;
            *exponent -= is_fraction;
        } else {
            *exponent += !is_fraction;
        }
    }
    return digits;
}

/* Read a number, and return its end; NULL if there is none or it is not certain.

   A line feed ends the lines, so that no character after it is looked at. */
static const char *
read_number(const char *at, float *number)
{
    int is_negative = *at == '-';
    uint64_t digits = 0; /* wraps around if there are many: then it is not used */
    int64_t exponent = 0;
    Py_ssize_t count;
    const char *begin, *end;

    if (*at == '-' || *at == '+')
        at++;
    for (begin = at; is_digit(*at); at++)
        digits = 10 * digits + (uint64_t)(*at - '0');
    count = at - begin;
    if (*at == '.') {
        const char *point = at++;
        for (; is_digit(*at); at++)
            digits = 10 * digits + (uint64_t)(*at - '0');
        exponent = point + 1 - at;
        count += at - point - 1;
    }
    if (count == 0)
        return NULL;
    end = at;
    if (count > MOST_DIGITS) {
        exponent = 0;
        digits = shorten(begin, end, &exponent);
    }
    if (*at == 'e' || *at == 'E') {
        int64_t written = 0;
        int is_small = *++at == '-';
        if (*at == '-' || *at == '+')
            at++;
        if (!is_digit(*at))
            return NULL;
        for (; is_digit(*at); at++)
            /* Beyond this no number of digits in memory brings it back. */
            if (written < (int64_t)1 << 56)
                written = 10 * written + (*at - '0');
        exponent += is_small ? -written : written;
    }
    if (!scale(digits, exponent, number))
        return NULL;
    if (is_negative)
        *number = -*number;
    return at;
}

/* Read numbers, each after a space; return whether they end at `end`. */
static int
read_numbers(const char *at, const char *end, Py_ssize_t dimension, float *numbers)
{
    Py_ssize_t i;

    for (i = 0; i < dimension; i++)
        if (*at != ' ' || !(at = read_number(at + 1, numbers + i)))
            return 0;
    return at == end;
}

/* Return the end of the token before `dimension` numbers that are read; else NULL. */
static const char *
read_row(const char *row, const char *end, Py_ssize_t dimension, float *numbers)
{
    const char *at = memchr(row, ' ', (size_t)(end - row));
    Py_ssize_t i;

    /* Nearly all tokens end at the first space. */
    if (at && read_numbers(at, end, dimension, numbers))
        return at;
    at = end;
    for (i = 0; i < dimension; i++) {
        do {
            if (at == row)
                return NULL;
        } while (*--at != ' ');
    }
    return read_numbers(at, end, dimension, numbers) ? at : NULL;
}

static int
has_white_space(const char *token, const char *end)
{
    for (; token < end; token++)
        if (*token == ' ' || *token == '\t' || *token == '\r')
            return 1;
    return 0;
}

/* Read rows until they end, or one is too short; return their number. */
static Py_ssize_t
read_lines(const char *at, const char *stop, Py_ssize_t dimension, int guessed,
           float *numbers, Token *tokens)
{
    Token *token = tokens;

    while (at < stop) {
        const char *line_feed = memchr(at, '\n', (size_t)(stop - at));
        const char *end = line_feed, *end_of_token = NULL;
        int is_long_enough;

        if (end > at && end[-1] == '\r')
            end--;
        while (end > at && end[-1] == ' ')
            end--;
        is_long_enough = end - at >= 2 * dimension;
        if (is_long_enough)
            end_of_token = read_row(at, end, dimension, numbers);
        token->is_left = !end_of_token || (guessed && has_white_space(at, end_of_token));
        token->begin = at;
        token->length = (token->is_left ? end : end_of_token) - at;
        token++;
        if (!is_long_enough)
            break;
        numbers += dimension;
        at = line_feed + 1;
    }
    return token - tokens;
}

PyDoc_STRVAR(read_rows_doc,
"read_rows(lines, dimension, guessed)\n--\n\n"
"Read lines, each with its line feed, into tokens and numbers.\n\n"
"See arrow_rows.read_rows, which does the same.");

static PyObject *
read_rows(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer lines;
    Py_ssize_t dimension, most, count = 0, i;
    int guessed;
    const char *begin;
    Token *rows = NULL;
    PyObject *numbers = NULL, *tokens = NULL, *left = NULL, *result = NULL;

    if (!PyArg_ParseTuple(args, "y*np:read_rows", &lines, &dimension, &guessed))
        return NULL;
    begin = lines.buf;
    if (dimension < 1 || dimension > PY_SSIZE_T_MAX / 8 ||
        (lines.len && begin[lines.len - 1] != '\n')) {
        PyErr_SetString(PyExc_ValueError,
                        "expected lines that end, and at least one number in each");
        goto done;
    }
    /* A row has a space and a digit for each number, and a line feed; one that is too
       short is the last. So a file cannot ask for more memory than twice its size. */
    most = lines.len / (2 * dimension + 1) + 1;
    if (most > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(float) / dimension) {
        PyErr_NoMemory();
        goto done;
    }
    numbers = PyByteArray_FromStringAndSize(
        NULL, most * dimension * (Py_ssize_t)sizeof(float));
    rows = PyMem_Malloc((size_t)most * sizeof(Token));
    if (!numbers || !rows) {
        PyErr_NoMemory();
        goto done;
    }
    {
        float *values = (float *)(void *)PyByteArray_AsString(numbers);
        Py_BEGIN_ALLOW_THREADS
        count = read_lines(begin, begin + lines.len, dimension, guessed, values, rows);
        Py_END_ALLOW_THREADS
    }
    tokens = PyList_New(count);
    left = PyList_New(0);
    if (!tokens || !left)
        goto done;
    for (i = 0; i < count; i++) {
        PyObject *token = PyBytes_FromStringAndSize(rows[i].begin, rows[i].length);
        if (!token)
            goto done;
        if (PyList_SetItem(tokens, i, token) < 0)
            goto done;
        if (rows[i].is_left) {
            PyObject *index = PyLong_FromSsize_t(i);
            int failed = !index || PyList_Append(left, index) < 0;
            Py_XDECREF(index);
            if (failed)
                goto done;
        }
    }
    result = PyTuple_Pack(3, tokens, numbers, left);
done:
    PyBuffer_Release(&lines);
    PyMem_Free(rows);
    Py_XDECREF(numbers);
    Py_XDECREF(tokens);
    Py_XDECREF(left);
    return result;
}

static PyMethodDef methods[] = {
    {"read_rows", read_rows, METH_VARARGS, read_rows_doc},
    {NULL, NULL, 0, NULL},
};

#ifdef Py_GIL_DISABLED
/* Nothing is shared between calls. */
static PyModuleDef_Slot slots[] = {
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};
#endif

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_rows",
    .m_methods = methods,
#ifdef Py_GIL_DISABLED
    .m_slots = slots,
#endif
};

PyMODINIT_FUNC
PyInit__rows(void)
{
    return PyModuleDef_Init(&module);
}
