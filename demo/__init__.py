"""The demo: invented people and groups in real places, shared by the demo site and the tests."""
