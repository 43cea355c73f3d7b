"""The pages, one module a noun: each view reads rows and renders one template."""
