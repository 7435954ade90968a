"""The DevOps worker at the module path that other systems spawn."""
