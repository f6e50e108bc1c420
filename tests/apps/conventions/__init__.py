"""Applications in the shapes that Burr's examples have, one module for each: their graphs, input names, state keys and items.

What a model would say is written in them. `rows` holds what is expected of each.
"""
