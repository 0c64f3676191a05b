# Writes the arrays of this folder; run with numpy 2.4.6 when they are to be made anew.
import numpy as np, os
os.chdir(os.path.dirname(os.path.abspath(__file__)))
base = np.arange(24).reshape(2, 3, 4)
for name in ['<f8', '>f8', '<f4', '>f4', '<f2', '<i8', '>i8', '<u8', '<i4', '<u4', '>u4', '<i2', '>i2', '<u2', '|i1', '|u1']:
    np.save('c_' + {'<': 'le_', '>': 'be_', '|': ''}[name[0]] + name[1:], base.astype(name))
np.save('bool', base % 3 == 0)
np.save('fortran', np.asfortranarray(base.astype('<f4')))
np.save('scalar', np.float64(1.5))
np.save('vector', np.arange(5, dtype='<f4'))
np.save('empty', np.zeros((0, 3), '<f4'))
np.save('complex', np.zeros(2, '<c8'))
np.save('text', np.array(['a', 'bc']))
np.save('records', np.zeros(2, [('a', '<f4'), ('b', '<i2')]))
np.save('objects', np.array([{}, None], dtype=object), allow_pickle=True)
for version in [(1, 0), (2, 0), (3, 0)]:
    with open(f'version{version[0]}.npy', 'wb') as f:
        np.lib.format.write_array(f, base.astype('<f4'), version)
np.savez('stored', input=base.astype('<f4'), times=np.arange(3.0))
np.savez_compressed('deflated', input=base.astype('<f4'), zeros=np.zeros(100000, '<f4'))
