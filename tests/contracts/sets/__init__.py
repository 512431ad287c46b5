"""The data sets that every contract is tried on: each module of this folder brings a table SETS, name -> build(folder).

`folder` is empty and of that set alone: sets that read published files write small ones there first, in the published format.
PUBLISHED_SIZES, where a module has it, says the published sizes of the factors of sets that are opened in full.
"""

import importlib
import pkgutil

_MODULES = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
SETS = {name: build for module in _MODULES for name, build in module.SETS.items()}
PUBLISHED_SIZES = {name: sizes for module in _MODULES for name, sizes in getattr(module, "PUBLISHED_SIZES", {}).items()}
