/* A CUDA driver that does nothing but count, for the dry run of the cuda engine.
 *
 * It is found as libcuda.so.1 before any other. Of the driver's functions it has those that loading and
 * launching a kernel takes; every other is answered with "not found", so that a new use of one is seen.
 * The next call of a function can be made to fail: fail("cuLaunchKernel", 700).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

typedef int CUresult;
enum { SUCCESS = 0, INVALID_VALUE = 1, INVALID_IMAGE = 200, NOT_FOUND = 500 };
enum { BUFFER_POINTER = 1, BUFFER_SIZE = 2 }; /* CU_LAUNCH_PARAM_... */

static long modules, launches, parameter_bytes, last[8];
static char failing[64];
static CUresult failure;

long modules_loaded(void) { return modules; }
long kernels_launched(void) { return launches; }
long bytes_of_parameters(void) { return parameter_bytes; }
const long *last_launch(void) { return last; }

void fail(const char *function, CUresult result) {
    strncpy(failing, function, sizeof failing - 1);
    failure = result;
}

/* The result that a function was told to fail with, once. */
static CUresult told(const char *function) {
    if (strcmp(failing, function)) return SUCCESS;
    failing[0] = 0;
    return failure;
}

CUresult cuInit(unsigned flags) { return told("cuInit"); }

CUresult cuDriverGetVersion(int *version) {
    *version = 13000;
    return SUCCESS;
}

CUresult cuModuleLoadData(void **module, const void *image) {
    CUresult result = told("cuModuleLoadData");
    if (result) return result;
    if (memcmp(image, "\177ELF", 4) && !strstr(image, ".entry")) return INVALID_IMAGE;
    *module = (void *)image;
    modules++;
    return SUCCESS;
}

CUresult cuModuleGetFunction(void **function, void *module, const char *name) {
    if (!*name) return NOT_FOUND;
    *function = (void *)(0x1000 + modules);
    return told("cuModuleGetFunction");
}

CUresult cuLaunchKernel(void *function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                        unsigned block_y, unsigned block_z, unsigned shared, void *stream, void **parameters,
                        void **extra) {
    CUresult result = told("cuLaunchKernel");
    if (result) return result;
    if (!function || parameters || !extra || extra[0] != (void *)BUFFER_POINTER ||
        extra[2] != (void *)BUFFER_SIZE || extra[4])
        return INVALID_VALUE;
    launches++;
    parameter_bytes = *(size_t *)extra[3];
    long now[8] = {grid_x, grid_y, grid_z, block_x, block_y, block_z, shared, (long)stream};
    memcpy(last, now, sizeof last);
    return SUCCESS;
}

CUresult cuGetProcAddress_v2(const char *symbol, void **function, int version, uint64_t flags, int *status) {
    Dl_info here;
    dladdr((void *)cuGetProcAddress_v2, &here);
    void *library = dlopen(here.dli_fname, RTLD_NOW | RTLD_NOLOAD);
    *function = dlsym(library, symbol);
    dlclose(library);
    if (status) *status = *function ? 0 : 1;
    return *function ? SUCCESS : NOT_FOUND;
}
