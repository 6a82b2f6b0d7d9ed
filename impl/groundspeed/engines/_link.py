"""From PTX to machine code with NVIDIA's own linker, nvJitLink; needs neither a GPU nor a driver."""

from __future__ import annotations


class LinkError(RuntimeError):
    """The linker refused the PTX."""


def link(ptx: str, architecture: str, *options: str) -> tuple[bytes, str]:
    """Compile PTX to machine code.

    Args:
        ptx: source.
        architecture: e.g. `"sm_90"`.
        options: more options of nvJitLink, e.g. `"-maxrregcount=32"`.

    Returns:
        The ELF image, and the linker's log, which names registers and spills.

    Raises:
        LinkError: with the linker's own words.
    """
    from cuda.bindings import nvjitlink

    arguments = [f"-arch={architecture}", "-verbose", *options]
    handle = nvjitlink.create(len(arguments), arguments)
    try:
        try:
            source = ptx.encode()
            nvjitlink.add_data(handle, nvjitlink.InputType.PTX, source, len(source), "kernel")
            nvjitlink.complete(handle)
        except nvjitlink.nvJitLinkError as error:
            log = bytearray(nvjitlink.get_error_log_size(handle))
            nvjitlink.get_error_log(handle, log)
            raise LinkError(f"{architecture}: {error}\n{log.decode(errors='replace')}") from error
        cubin = bytearray(nvjitlink.get_linked_cubin_size(handle))
        nvjitlink.get_linked_cubin(handle, cubin)
        log = bytearray(nvjitlink.get_info_log_size(handle))
        nvjitlink.get_info_log(handle, log)
    finally:
        nvjitlink.destroy(handle)
    return bytes(cubin), log.decode(errors="replace")
