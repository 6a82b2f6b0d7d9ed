"""The referee: who competes, who is right, how fast each is, and the report of it.

It knows the library; the library does not know it, and calling an operation loads nothing from here.
"""
