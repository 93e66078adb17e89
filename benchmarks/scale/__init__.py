"""How the product behaves with many partitions: see run_scale.py."""
