"""Calling a student's code from outside its process: data cross over, never objects or code."""
