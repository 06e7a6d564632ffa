"""The compiled parser of rows, which setup.cfg cannot describe."""

import sysconfig

from setuptools import Extension, setup

# One wheel serves all Pythons from 3.11 on; builds without the interpreter's lock have
# no limited API.
limited = not sysconfig.get_config_var("Py_GIL_DISABLED")

setup(
    # Otherwise this file would be a module of glove_registry._data, the top level.
    script_name="setup.py",
    ext_modules=[
        Extension(
            "glove_registry.formats._rows",
            ["glove_registry/formats/_rows.c"],
            define_macros=[("Py_LIMITED_API", "0x030B0000")] if limited else [],
            py_limited_api=limited,
            # Without a compiler, rows are read by arrow.
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if limited else {},
)
