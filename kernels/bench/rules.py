"""What a kernel's file has no business with: names and imports, each under the rule it breaks."""

from __future__ import annotations

from collections.abc import Mapping

RULES: Mapping[str, str] = {
    "import": "a kernel needs torch, Triton and arithmetic, nothing else",
    "reference": "it calls the operation that it is to replace",
    "fallback": "it can answer without its kernel",
    "cache": "it can hand out an earlier result",
    "timer": "it reaches for a clock",
    "stream": "its work can run where the timing does not look",
    "thread": "its work can run where the timing does not look",
    "patch": "it changes what does not belong to it",
    "setting": "it changes a setting of the whole process",
    "descriptor": "it reads or writes files and descriptors",
    "frames": "it looks into its caller",
    "lazy": "its results can be computed after the timing",
    "native": "it loads code that cannot be read here",
    "dynamic": "it runs or names code that cannot be read here",
    "environment": "it can act differently where it is judged",
}

# Modules that a kernel may import, with what is below them, and what of them it may not.
IMPORTS = frozenset(
    "__future__ collections dataclasses enum functools itertools math numbers operator typing "
    "typing_extensions torch triton livedraft.kernels.templates".split()
)
_MODULES = {
    "reference": "livedraft",
    "timer": "time timeit datetime triton.testing torch.profiler torch.utils.benchmark",
    "thread": "threading multiprocessing concurrent asyncio subprocess signal queue sched "
    "torch.multiprocessing torch.distributed torch.futures _thread",
    "descriptor": "os io socket mmap shutil pathlib tempfile pickle shelve sqlite3 fcntl select "
    "torch.hub torch.serialization torch.load torch.save posix",
    "frames": "sys inspect gc traceback linecache types weakref tracemalloc atexit faulthandler",
    "patch": "builtins unittest wrapt",
    "dynamic": "importlib runpy pkgutil code codeop ast dis marshal imp",
    "lazy": "torch.autograd torch.overrides torch.utils._python_dispatch torch.library torch.fx "
    "torch._subclasses torch._dynamo torch._inductor torch._C torch.testing",
    "stream": "torch.cuda.stream torch.cuda.graph torch.cuda.graphs torch.cuda.streams",
    "setting": "torch.backends",
    "native": "torch.compile torch.jit torch.classes torch.utils.cpp_extension torch.cuda.nvrtc "
    "ctypes cffi cupy numba pycuda cuda",
    "fallback": "contextlib",
    "environment": "platform getpass",
}
MODULES: Mapping[str, str] = {
    name: rule for rule, names in _MODULES.items() for name in names.split()
}

# Attributes and functions, wherever they hang: an alias of a module changes nothing.
_NAMES = {
    "timer": "Event perf_counter perf_counter_ns monotonic monotonic_ns process_time time_ns "
    "elapsed_time synchronize do_bench do_bench_cudagraph",
    "stream": "Stream ExternalStream current_stream default_stream set_stream "
    "record_stream wait_stream wait_event CUDAGraph make_graphed_callables _sleep "
    "graph_pool_handle caching_allocator_alloc",
    "thread": "Thread Process Pool ThreadPoolExecutor fork _fork create_task spawn",
    "setting": "use_deterministic_algorithms set_default_dtype set_default_device "
    "set_num_threads set_num_interop_threads set_float32_matmul_precision set_printoptions "
    "set_flush_denormal set_rng_state manual_seed manual_seed_all set_allocator "
    "set_default_tensor_type set_grad_enabled allow_tf32 set_warn_always set_device",
    "descriptor": "open fdopen write_bytes write_text read_bytes read_text from_file tofile "
    "fromfile memmap share_memory_ send_fds",
    "frames": "_getframe f_back f_locals f_globals f_code tb_frame gi_frame get_objects "
    "get_referrers get_referents settrace setprofile currentframe",
    "patch": "setattr delattr __setattr__ __delattr__ monkeypatch __dict__ vars",
    "lazy": "__torch_function__ __torch_dispatch__ _make_subclass _make_wrapper_subclass "
    "TorchDispatchMode TorchFunctionMode LazyTensor as_subclass",
    "native": "load_inline _compile_kernel load_library LoadLibrary CDLL cudart",
    "dynamic": "exec eval compile __import__ import_module getattr globals locals breakpoint "
    "attrgetter methodcaller __getattribute__ __getattr__",
    "environment": "is_available environ getenv device_count get_device_name is_initialized "
    "knobs TRITON_INTERPRET",
    "cache": "data_ptr _version untyped_storage",
    "reference": "livedraft",
}
NAMES: Mapping[str, str] = {name: rule for rule, names in _NAMES.items() for name in names.split()}

# Of these, only the language's own function, or only what hangs on something else.
BARE_ONLY = frozenset({"open", "compile", "getattr", "vars", "fork"})
ATTRIBUTE_ONLY = frozenset({"Event", "Pool", "Process", "spawn", "synchronize", "knobs"})
HARMLESS_DUNDERS = frozenset({"__name__", "__doc__", "__version__"})
# What a function whose results are kept may ask torch: about the device.
KEPT = frozenset({"get_device_properties", "get_device_capability", "current_device", "device"})
