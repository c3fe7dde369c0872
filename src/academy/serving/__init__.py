"""Serves finished runs: over HTTP, and as a tool for other language models.

``weights`` opens the specialists, ``scheduler`` writes many answers at once (``jobs.Engine`` is the seam behind which
engines change), ``answers`` turns a request into an answer, the other modules are the ways in.
"""
