"""Components in plain JavaScript, for what neither Streamlit nor Plotly can do.

Each is a pair of files NAME.js and NAME.css, which browsers get as they are, and a module that mounts it. All text is
put in as text, never as HTML.
"""
